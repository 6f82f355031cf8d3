import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type StreamId, idFromBytes } from '../../base/ids.js';
import { replicaId } from '../../base/replica.js';
import { FAKE_CRYPTO } from '../../security/fake-crypto.js';
import { NO_FAILURE_CHOICE } from '../failure-policy.js';
import { type Invitation, SignedDescriptor, StreamDescriptor } from '../../wire/group-messages.js';
import { GroupHost, MESH, nodeNamed } from '../testing/group-host.js';
import { StreamSeat, TENANT } from '../testing/stream-seat.js';
import { flowClassOf, initialConfiguration, openDescriptor, policyOf, signDescriptor } from './descriptor.js';

const source = new GroupHost('s');
const KEYS = new Map([[source.node, source.publicKey]]);
const publicKeyOf = (node: typeof source.node): Uint8Array | null => KEYS.get(node) ?? null;

const descriptorOf = (more: Partial<StreamDescriptor> = {}): StreamDescriptor => ({
  stream: idFromBytes<StreamId>(new Uint8Array(16).fill(9)),
  mesh: MESH,
  tenant: TENANT,
  name: 's',
  source: source.node,
  sourceReplica: 1,
  counter: 1,
  targets: [{ node: nodeNamed('t'), replica: 1, isOptional: false }, { node: nodeNamed('u'), replica: 3, isOptional: false }],
  qos: 4,
  priority: 0,
  quorumCount: 0,
  namedTargets: [],
  freeIdsMax: 0,
  freeIdBytesMax: 0,
  bytesMax: 1 << 20,
  failure: NO_FAILURE_CHOICE,
  retainMs: 0,
  retainBytes: 0,
  ...more,
});
const signed = (descriptor: StreamDescriptor): SignedDescriptor => signDescriptor(FAKE_CRYPTO, source.privateSeed, descriptor);
const invitation = (descriptor: StreamDescriptor): Invitation => ({ ...signed(descriptor), attachmentSignature: EMPTY_BYTES });
const open = (of: SignedDescriptor): StreamDescriptor | null => openDescriptor(FAKE_CRYPTO, of, publicKeyOf);

describe('a descriptor', () => {
  it('is what its source signed, and nothing else', () => {
    const good = signed(descriptorOf());
    expect(open(good)).toEqual(descriptorOf());
    const forged = StreamDescriptor.encode(descriptorOf({ name: 'other' }));
    expect(open({ ...good, descriptor: forged })).toBe(null);
    expect(open(signDescriptor(FAKE_CRYPTO, new Uint8Array(32).fill(1), descriptorOf()))).toBe(null);
    expect(open(signed(descriptorOf({ source: nodeNamed('nobody') })))).toBe(null);
    for (let at = 0; at < good.signature.length; at += 7) {
      const signature = good.signature.slice();
      signature[at] = (signature[at] ?? 0) ^ 1;
      expect(open({ ...good, signature })).toBe(null);
    }
  });

  it('is refused when it makes no sense, though it is signed', () => {
    const [target] = descriptorOf().targets;
    if (target === undefined) throw new Error('no target');
    for (const more of [
      { targets: [] },
      { targets: [target, target] },
      { targets: [{ node: source.node, replica: 1, isOptional: false }] },
      { qos: 2 },
      { quorumCount: 3 },
      { targets: [...descriptorOf().targets, { node: nodeNamed('v'), replica: 1, isOptional: false }], quorumCount: 1 },
    ]) {
      expect(open(signed(descriptorOf(more)))).toBe(null);
    }
    expect(open({ descriptor: new Uint8Array([255, 255]), signature: new Uint8Array(64) })).toBe(null);
  });

  it('says who is in the group, how it completes, and which flow it travels', () => {
    expect(initialConfiguration(descriptorOf()).voters).toEqual([replicaId(source.node, 1), replicaId(nodeNamed('t'), 1), replicaId(nodeNamed('u'), 3)].sort());
    expect(policyOf(descriptorOf())).toEqual({ kind: 'all' });
    expect(policyOf(descriptorOf({ quorumCount: 1 }))).toEqual({ kind: 'quorum', count: 1 });
    expect([flowClassOf(descriptorOf({ qos: 3 })), flowClassOf(descriptorOf({ qos: 4 }))]).toEqual([1, 2]);
  });
});

describe('an invitation', () => {
  const seatOf = (name: string, replica = 1): StreamSeat => new StreamSeat(new GroupHost(name, { replica }), ['s', 't', 'u']);

  it('is accepted by the replica that it names, once, and survives a restart', () => {
    const seat = seatOf('t');
    seat.streams.onInvite(seat.host.now, invitation(descriptorOf()));
    seat.streams.onInvite(seat.host.now, invitation(descriptorOf()));
    seat.host.settleDisk();
    expect([seat.streams.size, seat.restarted().streams.size]).toEqual([1, 1]);
    expect(seat.host.controls.map(({ to, message }) => [to, message.kind])).toEqual([[source.node, 'joinedGroup']]);
  });

  it('is refused by another replica, a stranger, and in another mesh', () => {
    const u = seatOf('u', 1);
    u.streams.onInvite(u.host.now, invitation(descriptorOf()));
    const later = seatOf('t', 2);
    later.streams.onInvite(later.host.now, invitation(descriptorOf()));
    const s = seatOf('s');
    s.streams.onInvite(s.host.now, invitation(descriptorOf()));
    const t = seatOf('t');
    t.streams.onInvite(t.host.now, invitation(descriptorOf({ mesh: idFromBytes(new Uint8Array(16).fill(2)) })));
    for (const seat of [u, later, s, t]) {
      expect([seat.streams.size, seat.host.marks('stream.invitations-refused')]).toEqual([0, 1]);
    }
  });

  it('to an identifier that was seen with other content is refused', () => {
    const t = seatOf('t');
    t.streams.onInvite(t.host.now, invitation(descriptorOf()));
    t.streams.onInvite(t.host.now, invitation(descriptorOf({ name: 'other' })));
    expect(t.host.marks('stream.invitations-conflicting')).toBe(1);
    expect([...t.streams.all()].map(({ descriptor }) => descriptor.name)).toEqual(['s']);
  });

  it('that is not verified is counted', () => {
    const t = seatOf('t');
    t.streams.onInvite(t.host.now, { ...invitation(descriptorOf()), signature: new Uint8Array(64) });
    expect([t.streams.size, t.host.marks('stream.invitations-not-verified')]).toEqual([0, 1]);
  });

  it('beyond the bound of streams is refused', () => {
    const t = new StreamSeat(new GroupHost('t', { config: { streamsMax: 1 } }), ['s', 't', 'u']);
    t.streams.onInvite(t.host.now, invitation(descriptorOf()));
    t.streams.onInvite(t.host.now, invitation(descriptorOf({ stream: idFromBytes<StreamId>(new Uint8Array(16).fill(8)) })));
    expect([t.streams.size, t.host.marks('stream.invitations-too-many')]).toEqual([1, 1]);
  });
});
