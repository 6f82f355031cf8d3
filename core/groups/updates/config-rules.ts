/**
 * What may stand in the mesh's configuration: text under keys of text, each key once in an update, and under `policy.` only
 * the policies that this version knows, with values that they take. Checked where a change is sent, and again by the
 * leader that appends it; never where it is applied, so that members of other versions come to the same state.
 *
 * A node follows a policy from the moment its own log shows it.
 */
import { utf8Decode, utf8Encode } from '../../base/bytes.js';
import { type Reject, reject } from '../../base/reject.js';
import type { UpdateChange } from '../../wire/update-messages.js';
import type { ConfigStore } from './config-store.js';

/** Policy → the values that it takes. The first one holds where nothing, or something unknown, is set. */
export const MESH_POLICIES = {
  /** What streams with a quorum of their own do while the mesh is CRITICAL. */
  criticalStreams: ['refuse', 'continue'],
  /** How many members of the mesh control group vote at most. '': as the leader is configured. */
  voters: ['', '1', '3', '5', '7'],
} as const satisfies Record<string, readonly string[]>;

export type MeshPolicy = keyof typeof MESH_POLICIES;
export type PolicyValue<P extends MeshPolicy> = (typeof MESH_POLICIES)[P][number];

/** What the configuration says of a policy. */
export function policyOf<P extends MeshPolicy>(configuration: ConfigStore, policy: P): PolicyValue<P> {
  const values: readonly string[] = MESH_POLICIES[policy];
  const set = configuration.textOf(utf8Encode(`${POLICY_PREFIX}${policy}`));
  return (set !== null && values.includes(set) ? set : values[0]) as PolicyValue<P>;
}

/** INVALID_ARGUMENT, PAYLOAD_TOO_LARGE; null when the changes are sound. */
export function refusalOfConfiguration(changes: readonly UpdateChange[]): Reject | null {
  const keys = new Set<string>();
  for (const { key: bytes, value, isRemoval } of changes) {
    const key = utf8Decode(bytes);
    const text = utf8Decode(value);
    if (key === null || text === null) return reject('INVALID_ARGUMENT', 'config', 'keys and values of the configuration are text in UTF-8');
    if (keys.has(key)) return reject('INVALID_ARGUMENT', key, 'one update changes a key once');
    keys.add(key);
    if (value.length > CONFIG_VALUE_BYTES_MAX) {
      return reject('PAYLOAD_TOO_LARGE', key, `a value of the configuration has at most ${CONFIG_VALUE_BYTES_MAX} bytes`);
    }
    const why = isRemoval ? null : refusalOfPolicy(key, text);
    if (why !== null) return why;
  }
  return null;
}

function refusalOfPolicy(key: string, value: string): Reject | null {
  if (!key.startsWith(POLICY_PREFIX)) return null;
  const policy = key.slice(POLICY_PREFIX.length);
  if (!Object.hasOwn(MESH_POLICIES, policy)) {
    return reject('INVALID_ARGUMENT', key, `there is no such policy; there are ${Object.keys(MESH_POLICIES).join(', ')}`);
  }
  const values: readonly string[] = MESH_POLICIES[policy as MeshPolicy].filter((each) => each !== '');
  return values.includes(value) ? null : reject('INVALID_ARGUMENT', key, `it is one of ${values.join(', ')}; delete the key for the default`);
}

export const POLICY_PREFIX = 'policy.';
export const CONFIG_VALUE_BYTES_MAX = 64 * 1024;
