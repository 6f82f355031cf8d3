/**
 * Newcomers that ask this member in: each waits on its lane until the mesh's log has decided, and is answered with what
 * our own log says of it.
 */
import { present } from '../base/assert.js';
import { reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import type { LaneId, Micros } from '../base/units.js';
import type { GroupFact } from '../groups/context.js';
import { chainOf } from '../groups/mcg/mesh-control.js';
import type { LinkFact } from '../link/facts.js';
import type { Links } from '../link/links.js';
import type { Member } from './member.js';
import type { MembershipRow } from './membership-row.js';
import { joinPolicyOf } from './status.js';

export class Newcomers {
  readonly #links: Links;
  /** The lane that each admission came on. */
  readonly #lanes = new Map<number, LaneId>();

  constructor(links: Links) {
    this.#links = links;
  }

  /** What the mesh's log asks of newcomers. */
  setOffer({ control }: Member): void {
    const { founded } = control.state;
    if (founded === null) return;
    const { name: meshName, joinPolicy, joinSalt: salt, joinVerifier: verifier } = founded;
    this.#links.setJoinOffer({ meshName, policy: joinPolicyOf(joinPolicy), salt, verifier });
  }

  /** `member` is null while this node is in no mesh, or stopped. */
  onRequested(now: Micros, fact: Extract<LinkFact, { kind: 'join-requested' }>, member: Member | null): void {
    if (member === null) {
      const why = reject('NOT_IN_MESH', 'node', 'the node that was asked is in no mesh now; ask another member');
      return this.#links.answerJoin(now, fact.lane, refuse(why));
    }
    this.#lanes.set(member.control.admit(now, fact.request, fact.transcript), fact.lane);
  }

  onAnswered(now: Micros, fact: Extract<GroupFact, { kind: 'admit-answered' }>, member: Member, row: MembershipRow): void {
    const lane = this.#lanes.get(fact.nonce);
    if (lane === undefined) return;
    this.#lanes.delete(fact.nonce);
    if (!fact.result.ok) return this.#links.answerJoin(now, lane, fact.result);
    const founded = present(member.control.state.founded, 'an admitted member has a founded mesh');
    const admitted = present(member.control.state.members.get(fact.node), 'an admission is in our own state');
    const chain = present(chainOf(admitted), 'a member row has a certificate chain');
    const { name: meshName, description, joinPolicy: policy } = founded;
    const { mesh: meshId, meshPublicKey, generation, generationTag, lineage } = row;
    const grant = { meshId, meshName, description, policy, generation, generationTag, lineage, meshPublicKey, chain };
    this.#links.answerJoin(now, lane, accept(grant));
  }
}
