import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { SECOND_US, logIndex } from '../base/units.js';
import { issueCertificate } from '../security/certificate.js';
import { FAKE_CRYPTO as crypto } from '../security/fake-crypto.js';
import { FRAME_PREFIX_BYTES, TRAFFIC_CLASSES, splitFrames } from '../wire/frame.js';
import { MSG_TYPES, decodeHeader } from '../wire/header.js';
import { LinkHello } from '../wire/link-messages.js';
import { linkLocalFrame } from './link-frame.js';
import { LinkWorld, TestMesh, type TestNode, enroll, testIdentity } from './testing/link-world.js';

/** Both processes, before either knows its mesh. */
function strangers(options: { a?: object; b?: object } = {}) {
  const world = new LinkWorld();
  const mesh = new TestMesh('m');
  return { world, mesh, a: world.start('a', options.a), b: world.start('b', options.b) };
}

function expectNoLink(...nodes: TestNode[]): void {
  for (const node of nodes) {
    expect(node.of('link-up')).toHaveLength(0);
    expect(node.links.links()).toHaveLength(0);
  }
}

const isMessage = (bytes: Uint8Array, msgType: number): boolean =>
  splitFrames(bytes).frames.some((frame) => decodeHeader(frame.header())?.msgType === msgType);

describe('handshake', () => {
  it('refuses versions that do not meet, on both sides with the reason', () => {
    const { world, mesh, a, b } = strangers({ a: { config: { versionMin: 1, versionMax: 2 } }, b: { config: { versionMin: 3, versionMax: 4 } } });
    enroll(world, mesh, b);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    expectNoLink(a, b);
    expect(b.endings).toContain('version-mismatch');
    expect(a.endings).toContain('version-mismatch');
  });

  it('takes the highest version and the features that both have', () => {
    const { world, mesh, a, b } = strangers({
      a: { config: { versionMin: 1, versionMax: 3, features: 0b0110 } },
      b: { config: { versionMin: 2, versionMax: 9, features: 0b1011 } },
    });
    enroll(world, mesh, b);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    expect(a.links.links()[0]?.features).toBe(0b0010);
    expect(b.links.links()[0]?.features).toBe(0b0010);
  });

  it('refuses another mesh and another generation of the same mesh', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, new TestMesh('other'), b);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    expectNoLink(a, b);
    expect(a.endings[0]).toBe('wrong-mesh');
    enroll(world, mesh, b, { generation: 2 });
    world.run(10 * SECOND_US);
    expectNoLink(a, b);
    expect(a.endings).toContain('wrong-generation');
  });

  it('lets two generations of one mesh prove their lineages to each other, and no more', () => {
    const { world, mesh, a, b } = strangers();
    const lineage = [{ id: '00000000000000000000000007', parent: '00000000000000000000000000', forkIndex: 5, forkTerm: 2, memberCount: 1 }] as never;
    enroll(world, mesh, a, { dial: ['b'] });
    world.step(b, () => b.links.setMembership(world.now, { ...mesh.membershipOf(b.identity, { generation: 2 }), lineage }));
    // To the other generation it is out; that is no word for this one.
    world.step(b, () => b.links.refuseReplica(world.now, a.identity.nodeId, 9));
    world.run(10 * SECOND_US);
    expectNoLink(a, b);
    expect(new Set(a.endings)).toEqual(new Set(['wrong-generation']));
    expect(a.facts.find(({ kind }) => kind === 'other-generation')).toMatchObject({ peer: b.identity.nodeId, lineage });
    expect(b.facts.find(({ kind }) => kind === 'other-generation')).toMatchObject({ peer: a.identity.nodeId, lineage: [] });
    expect(a.facts.some(({ kind }) => kind === 'told-evicted')).toBe(false);
  });

  it('refuses to be a neighbour before it is a member', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    expectNoLink(a, b);
    expect(a.endings).toContain('not-a-member');
  });

  it('refuses certificates that are not rooted in the mesh key, whoever dials', () => {
    for (const forger of ['a', 'b'] as const) {
      const { world, mesh, a, b } = strangers();
      const bad = { a, b }[forger];
      const membership = mesh.membershipOf(bad.identity);
      const [leaf] = membership.chain;
      if (leaf === undefined) throw new Error('no leaf');
      const { signature: _signature, issuer: _issuer, ...claims } = leaf;
      const forged = issueCertificate(crypto, { kind: 'mesh-key', meshPrivateSeed: Rng.fromSeed('thief').fill(32) }, claims);
      world.step(bad, () => bad.links.setMembership(world.now, { ...membership, chain: [forged] }));
      const good = forger === 'a' ? b : a;
      enroll(world, mesh, good);
      world.step(a, () => a.links.setDialTargets(world.now, ['b']));
      world.run(SECOND_US / 10);
      expectNoLink(a, b);
      expect(good.endings).toEqual(['chain-invalid']);
    }
  });

  it("refuses another node's certificate, and another replica's", () => {
    for (const owner of [testIdentity('c'), testIdentity('a', 1, 2)]) {
      const { world, mesh, a, b } = strangers();
      enroll(world, mesh, b);
      world.step(a, () => {
        a.links.setMembership(world.now, mesh.membershipOf(owner));
        a.links.setDialTargets(world.now, ['b']);
      });
      world.run(SECOND_US / 10);
      expectNoLink(a, b);
      expect(b.endings).toEqual(['chain-invalid']);
    }
  });

  it('refuses a process that holds the certificate and not its key', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b);
    const thief = world.start('thief', { identity: 'x' });
    // The thief says to be a, with a's real certificate and public key, and signs with its own key.
    Object.assign(thief.identity, { nodeId: a.id, publicKey: a.identity.publicKey });
    enroll(world, mesh, thief, { dial: ['b'] });
    world.run(SECOND_US / 10);
    expectNoLink(thief, b);
    expect(b.endings).toEqual(['signature-invalid']);
  });

  it('refuses evicted replicas and ends the link they have', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    world.step(b, () => b.links.refuseReplica(world.now, a.id, 1));
    expect(b.of('link-down')).toMatchObject([{ reason: 'evicted' }]);
    world.run(10 * SECOND_US);
    expect(b.of('link-up')).toHaveLength(1);
    expect(a.endings.filter((code) => code === 'evicted').length).toBeGreaterThan(2);
    // It is told by a member that has proven itself, whoever dials.
    expect(a.of('told-evicted')[0]?.peer).toBe(b.id);
    const second = world.start('a2', { identity: 'a', replica: 2 });
    enroll(world, mesh, second, { dial: ['b'] });
    world.kill(a);
    world.run(SECOND_US);
    expect(second.linkedTo(b)).toBe(true);
  });

  it('tells an evicted listener by a dialler that proves itself first', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b, { dial: ['a'] });
    enroll(world, mesh, a);
    world.step(b, () => b.links.refuseReplica(world.now, a.id, 1));
    world.run(SECOND_US);
    expect(a.of('told-evicted')[0]?.peer).toBe(b.id);
    expect(b.of('link-up')).toHaveLength(0);
  });

  it('notices an address that leads back to itself and leaves it alone', () => {
    const { world, mesh, a } = strangers();
    enroll(world, mesh, a, { dial: ['a'] });
    world.run(20 * SECOND_US);
    expectNoLink(a);
    expect(a.endings).toEqual(['self', 'self']);
    expect(a.of('identity-conflict')).toHaveLength(0);
  });

  it('reports another process with its own identity, once that is proven', () => {
    const { world, mesh, a } = strangers();
    const twin = world.start('twin', { identity: 'a' });
    enroll(world, mesh, a);
    enroll(world, mesh, twin, { dial: ['a'] });
    world.run(SECOND_US / 10);
    expectNoLink(a, twin);
    expect(a.of('identity-conflict').length + twin.of('identity-conflict').length).toBe(1);
    expect(twin.of('identity-conflict')[0]).toMatchObject({ peer: a.id, isOurs: true });
  });

  it('fails on both sides when any byte of any handshake message is changed on the way', () => {
    let changes = 0;
    for (const msgType of [MSG_TYPES.HELLO, MSG_TYPES.HELLO_REPLY, MSG_TYPES.HELLO_FINISH]) {
      for (let at = FRAME_PREFIX_BYTES; ; at += 7) {
        const { world, mesh, a, b } = strangers();
        let length = 0;
        world.onSocket = (socket) => {
          socket.tamper = (_side, bytes) => {
            if (!isMessage(bytes, msgType)) return bytes;
            length = bytes.length;
            return repaired(bytes, at, msgType);
          };
        };
        enroll(world, mesh, b);
        enroll(world, mesh, a, { dial: ['b'] });
        world.run(SECOND_US / 10);
        expect(length).toBeGreaterThan(0);
        const payloadEnd = length - FRAME_PREFIX_BYTES - 4;
        if (at - FRAME_PREFIX_BYTES >= payloadEnd - HEADER_BYTES) break;
        expectNoLink(a, b);
        changes++;
      }
    }
    expect(changes).toBeGreaterThan(60);
  });

  it('refuses a recorded handshake that is played again', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    const said = world.sockets[0]?.sent.filter(({ side }) => side === 0).map(({ bytes }) => bytes) ?? [];
    expect(said.length).toBeGreaterThanOrEqual(2);
    const lane = world.rawSocket(b);
    for (const bytes of said) world.step(b, () => b.links.onReceived(world.now, lane, bytes));
    expect(b.endings).toEqual(['signature-invalid']);
    expect(b.of('link-up')).toHaveLength(1);
  });

  it('refuses messages out of their order, and data before the peer is admitted', () => {
    const hello = LinkHello.encode({ ...(LinkHello.decode(new Uint8Array(0)) as LinkHello) });
    const frames = [
      linkLocalFrame(MSG_TYPES.HELLO_FINISH, new Uint8Array(66), TRAFFIC_CLASSES.CONTROL),
      linkLocalFrame(MSG_TYPES.HELLO_REPLY, new Uint8Array(3), TRAFFIC_CLASSES.CONTROL),
      linkLocalFrame(MSG_TYPES.HEARTBEAT, new Uint8Array(0), TRAFFIC_CLASSES.CONTROL),
      linkLocalFrame(MSG_TYPES.LSA, new Uint8Array(9), TRAFFIC_CLASSES.CONTROL),
      linkLocalFrame(MSG_TYPES.JOIN, new Uint8Array(0), TRAFFIC_CLASSES.CONTROL),
      linkLocalFrame(MSG_TYPES.HELLO, hello, TRAFFIC_CLASSES.CONTROL),
      linkLocalFrame(MSG_TYPES.HELLO, Uint8Array.of(0xff), TRAFFIC_CLASSES.CONTROL),
      withoutLinkLocal(linkLocalFrame(MSG_TYPES.LSA, new Uint8Array(9), TRAFFIC_CLASSES.CONTROL)),
    ];
    for (const frame of frames) {
      const { world, mesh, b } = strangers();
      enroll(world, mesh, b);
      const lane = world.rawSocket(b);
      world.step(b, () => b.links.onReceived(world.now, lane, frame));
      expect(b.endings).toEqual(['malformed']);
      expect(b.frames).toHaveLength(0);
      expect(b.effects).toMatchObject([{ kind: 'transmit' }, { kind: 'close-lane', lane, reason: 'malformed' }]);
    }
  });

  it('ends when a message is lost, and the next dial succeeds', () => {
    for (const msgType of [MSG_TYPES.HELLO, MSG_TYPES.HELLO_REPLY, MSG_TYPES.HELLO_FINISH]) {
      const { world, mesh, a, b } = strangers();
      world.onSocket = (socket) => {
        world.onSocket = null;
        socket.tamper = (_side, bytes) => (isMessage(bytes, msgType) ? null : bytes);
      };
      enroll(world, mesh, b);
      enroll(world, mesh, a, { dial: ['b'] });
      world.run(4 * SECOND_US);
      expectNoLink(a, b);
      world.run(6 * SECOND_US);
      expect(a.linkedTo(b) && b.linkedTo(a)).toBe(true);
      expect([...a.endings, ...b.endings]).toContain('timed-out');
    }
  });

  it('keeps lanes in handshake within their bound, and what a stranger may send', () => {
    const { world, mesh, a, b } = strangers({ b: { config: { lanesInHandshakeMax: 8 } } });
    enroll(world, mesh, b);
    for (let i = 0; i < 20; i++) world.rawSocket(b);
    expect(b.counted('link.lane-overload')).toBe(12);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US);
    expect(a.endings).toContain('overloaded');
    world.run(12 * SECOND_US);
    expect(a.linkedTo(b)).toBe(true);
    const lane = world.rawSocket(b);
    world.step(b, () => b.links.onReceived(world.now, lane, new Uint8Array(40_000)));
    expect(b.counted('link.too-much-before-up')).toBe(1);
    expect(b.endings.at(-1)).toBe('malformed');
  });

  it('never throws on what a stranger sends', () => {
    const rng = Rng.fromSeed('noise');
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b);
    enroll(world, mesh, a, { dial: ['b'] });
    world.run(SECOND_US / 10);
    const said = world.sockets[0]?.sent.map(({ bytes }) => bytes) ?? [];
    for (let round = 0; round < 400; round++) {
      const lane = world.rawSocket(b);
      for (let i = 0; i < 3; i++) {
        const bytes = rng.pick(said).slice();
        for (let change = rng.below(4); change > 0; change--) bytes[rng.below(bytes.length)] = rng.below(256);
        const part = repaired(bytes, -1, 0);
        world.step(b, () => b.links.onReceived(world.now, lane, rng.chance(500) ? part : bytes));
      }
      world.step(b, () => b.links.onLaneClosed(world.now, lane, 'gone'));
    }
    expect(b.linkedTo(a)).toBe(true);
    expect(b.of('link-up')).toHaveLength(1);
  });
});

describe('provisional link', () => {
  it('becomes full on both ends once both have applied the log up to both certificates', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b, { since: 5, applied: 40 });
    enroll(world, mesh, a, { since: 50, applied: 3, dial: ['b'] });
    world.run(SECOND_US / 10);
    expect(a.of('link-up')[0]?.isProvisional).toBe(true);
    expect(b.of('link-up')[0]?.isProvisional).toBe(true);
    world.step(a, () => a.links.onMcgApplied(world.now, logIndex(5)));
    world.run(SECOND_US / 10);
    expect(a.of('link-promoted').length + b.of('link-promoted').length).toBe(0);
    world.step(b, () => b.links.onMcgApplied(world.now, logIndex(50)));
    expect(b.of('link-promoted')).toEqual([{ kind: 'link-promoted', peer: a.id }]);
    world.run(SECOND_US / 50);
    expect(a.of('link-promoted')).toEqual([{ kind: 'link-promoted', peer: b.id }]);
    expect([...a.links.links(), ...b.links.links()].map(({ isProvisional }) => isProvisional)).toEqual([false, false]);
  });

  it('passes LSAs, control and system frames, and drops the rest at either end', () => {
    const { world, mesh, a, b } = strangers();
    enroll(world, mesh, b, { applied: 1 });
    enroll(world, mesh, a, { since: 50, applied: 1, dial: ['b'] });
    world.run(SECOND_US / 10);
    const { CONTROL, SYSTEM, INTERNAL_DB, PRIORITY, BULK } = TRAFFIC_CLASSES;
    const taken: boolean[] = [];
    world.step(a, () => {
      for (const each of [CONTROL, SYSTEM, INTERNAL_DB, PRIORITY, BULK]) {
        const frame = withoutLinkLocal(linkLocalFrame(MSG_TYPES.FLOW_DATA, Uint8Array.of(each), each));
        taken.push(a.links.send(world.now, b.id, frame, each));
      }
      a.links.sendLinkLocal(world.now, b.id, MSG_TYPES.LSA, Uint8Array.of(9), BULK);
    });
    expect(taken).toEqual([true, true, false, false, false]);
    world.run(SECOND_US / 10);
    expect(b.frames.map(({ frame }) => frame.trafficClass)).toEqual([CONTROL, SYSTEM]);
    expect(b.of('lsa')).toHaveLength(1);
    const lane = world.sockets[0]?.ends[1].lane;
    if (lane === undefined) throw new Error('no lane');
    const bulk = withoutLinkLocal(linkLocalFrame(MSG_TYPES.FLOW_DATA, Uint8Array.of(1), BULK));
    world.step(b, () => b.links.onReceived(world.now, lane, bulk));
    expect(b.counted('link.dropped-on-provisional')).toBe(1);
    expect(b.frames).toHaveLength(2);
  });
});

function withoutLinkLocal(frame: Uint8Array): Uint8Array {
  const out = frame.slice();
  out[2] = 0;
  return out;
}

/** Changes the payload byte at `at` (counted from the prefix) and makes the frame's checksum hold again. */
function repaired(bytes: Uint8Array, at: number, msgType: number): Uint8Array {
  const { frames, refusal } = splitFrames(bytes);
  if (refusal !== null) return bytes;
  const out: number[] = [];
  for (const frame of frames) {
    const type = decodeHeader(frame.header())?.msgType ?? 0;
    const payload = frame.payload().slice();
    const place = at - FRAME_PREFIX_BYTES;
    if (type === msgType && place >= 0 && place < payload.length) payload[place] = (payload[place] as number) ^ 0x21;
    out.push(...linkLocalFrame(type === 0 ? 99 : type, payload, TRAFFIC_CLASSES.CONTROL));
  }
  return Uint8Array.from(out);
}

/** A link-local header holds a type alone. */
const HEADER_BYTES = 2;
