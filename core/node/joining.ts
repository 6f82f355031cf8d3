/** A join of this node that runs: the addresses are tried in turn until one answers with the mesh's word. */
import { present } from '../base/assert.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import { type Result, accept, refuse } from '../base/result.js';
import type { Micros } from '../base/units.js';
import type { JoinAttempt } from '../link/join-client.js';
import type { Links } from '../link/links.js';
import { encodeChain } from '../security/certificate.js';
import type { JoinGrant } from '../wire/link-messages.js';
import type { Command } from './commands.js';
import { type MembershipRow, STANDINGS } from './membership-row.js';

type JoinMesh = Extract<Command, { kind: 'join-mesh' }>;

export class Joining {
  readonly #links: Links;
  readonly #about: JoinAttempt['request'];
  #running: { readonly request: number; readonly command: JoinMesh; at: number } | null = null;

  /** `about` is what the mesh learns of this node. */
  constructor(links: Links, about: JoinAttempt['request']) {
    this.#links = links;
    this.#about = about;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  start(now: Micros, request: number, command: JoinMesh): void {
    this.#running = { request, command, at: 0 };
    this.#dial(now);
  }

  /** The outcome, with the request that asked; null while another address is tried. */
  onAnswered(now: Micros, result: Result<JoinGrant>): { readonly request: number; readonly outcome: Result<MembershipRow> } | null {
    const running = this.#running;
    if (running === null) return null;
    const { request, command } = running;
    if (!result.ok && OTHER_MEMBER_MAY_ANSWER.has(result.reject.code) && running.at + 1 < command.urls.length) {
      running.at++;
      this.#dial(now);
      return null;
    }
    this.#running = null;
    if (!result.ok) return { request, outcome: refuse(result.reject) };
    const url = present(command.urls[running.at], 'one address has answered');
    return { request, outcome: accept(rowOf(result.value, url)) };
  }

  #dial(now: Micros): void {
    const { command, at } = present(this.#running, 'a join runs');
    const url = present(command.urls[at], 'an address is left to try');
    this.#links.dialForJoin(now, url, { joinKey: command.joinKey, meshId: command.meshId, request: this.#about });
  }
}

function rowOf(grant: JoinGrant, url: string): MembershipRow {
  const { meshId: mesh, meshName, meshPublicKey, generation, generationTag, lineage, chain } = grant;
  const own = { isFounder: false, founding: EMPTY_BYTES, isStopped: false, standing: STANDINGS.member, meshName };
  return { mesh, meshPublicKey, generation, generationTag, lineage, chain: encodeChain(chain), dialUrls: [url], ...own };
}

/** Refusals that speak of the member that was asked, or of the way there, and not for the mesh. */
const OTHER_MEMBER_MAY_ANSWER: ReadonlySet<string> = new Set(['UNREACHABLE', 'TIMED_OUT', 'NOT_IN_MESH', 'NO_QUORUM', 'OVERLOADED']);
