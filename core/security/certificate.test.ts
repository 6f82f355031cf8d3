import { describe, expect, it } from 'vitest';
import type { MeshId, NodeId } from '../base/ids.js';
import { idFromBytes } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import { logIndex, memberIndex } from '../base/units.js';
import type { MembershipCertificate } from '../wire/link-messages.js';
import { chainFault, decodeChain, encodeChain, issueCertificate } from './certificate.js';
import { FAKE_CRYPTO as crypto } from './fake-crypto.js';
import { generationTagOf, meshIdOf } from './mesh-key.js';

const rng = Rng.fromSeed('certificate');
const meshSeed = rng.fill(32);
const meshPublicKey = crypto.publicKey(meshSeed);
const meshId = meshIdOf(crypto, meshPublicKey);
const mesh = { meshId, meshPublicKey };

const member = () => {
  const privateSeed = rng.fill(32);
  return { nodeId: idFromBytes<NodeId>(rng.fill(16)), privateSeed, publicKey: crypto.publicKey(privateSeed) };
};
const claims = (of: ReturnType<typeof member>, index: number, generation = 1) => ({
  meshId, nodeId: of.nodeId, publicKey: of.publicKey, replica: 1, index: memberIndex(index), generation,
  generationTag: generationTagOf(crypto, meshId, generation), logIndex: logIndex(index * 10),
});

const founder = member();
const second = member();
const third = member();
const root = issueCertificate(crypto, { kind: 'mesh-key', meshPrivateSeed: meshSeed }, claims(founder, 1));
const middle = issueCertificate(crypto, { kind: 'member', ...founder }, claims(second, 2));
const leaf = issueCertificate(crypto, { kind: 'member', ...second }, claims(third, 3));
const chain = [leaf, middle, root];

describe('membership certificate', () => {
  it('verifies offline from any leaf to the mesh key', () => {
    expect(chainFault(crypto, mesh, [root])).toBeNull();
    expect(chainFault(crypto, mesh, [middle, root])).toBeNull();
    expect(chainFault(crypto, mesh, chain)).toBeNull();
  });

  it('does not verify once any field of any certificate has changed', () => {
    const other = member();
    const changes: Partial<MembershipCertificate>[] = [
      { nodeId: other.nodeId }, { publicKey: other.publicKey }, { replica: 2 }, { index: memberIndex(9) },
      { generation: 5 }, { generationTag: 7 }, { logIndex: logIndex(1) }, { issuer: other.nodeId },
      { meshId: idFromBytes<MeshId>(rng.fill(16)) }, { signature: rng.fill(64) },
    ];
    for (let at = 0; at < chain.length; at++) {
      for (const change of changes) {
        const changed = chain.map((certificate, i) => (i === at ? { ...certificate, ...change } : certificate));
        expect(chainFault(crypto, mesh, changed)).not.toBeNull();
      }
    }
  });

  it('refuses a chain that is empty, too long, cut, reordered or not rooted in the mesh key', () => {
    expect(chainFault(crypto, mesh, [])).toBe('empty');
    expect(chainFault(crypto, mesh, Array.from({ length: 17 }, () => root))).toBe('too-long');
    expect(chainFault(crypto, mesh, [leaf, middle])).toBe('broken');
    expect(chainFault(crypto, mesh, [leaf, root])).toBe('broken');
    expect(chainFault(crypto, mesh, [root, middle])).toBe('broken');
    const forged = issueCertificate(crypto, { kind: 'mesh-key', meshPrivateSeed: founder.privateSeed }, claims(founder, 1));
    expect(chainFault(crypto, mesh, [leaf, middle, forged])).toBe('signature');
  });

  it('refuses a mesh key that is not the one of the mesh id', () => {
    const otherKey = crypto.publicKey(rng.fill(32));
    expect(chainFault(crypto, { meshId, meshPublicKey: otherKey }, chain)).toBe('mesh');
    expect(chainFault(crypto, { meshId, meshPublicKey: rng.fill(3) }, chain)).toBe('mesh');
  });

  it('refuses an issuer of a later generation than what it issued', () => {
    const late = issueCertificate(crypto, { kind: 'mesh-key', meshPrivateSeed: meshSeed }, claims(founder, 1, 2));
    expect(chainFault(crypto, mesh, [middle, late])).toBe('generation');
  });

  it('comes back from its bytes as it was', () => {
    const back = decodeChain(encodeChain(chain));
    expect(back?.map((certificate) => certificate.nodeId)).toEqual(chain.map((certificate) => certificate.nodeId));
    expect(chainFault(crypto, mesh, back ?? [])).toBeNull();
    expect(decodeChain(Uint8Array.of(10, 200))).toBeNull();
  });
});

describe('generation tag', () => {
  it('differs between generations and meshes and fits 32 bits', () => {
    const tags = new Set<number>();
    for (let generation = 1; generation <= 200; generation++) tags.add(generationTagOf(crypto, meshId, generation));
    tags.add(generationTagOf(crypto, idFromBytes<MeshId>(rng.fill(16)), 1));
    expect(tags.size).toBe(201);
    for (const tag of tags) expect(tag > 0 && tag <= 0xffff_ffff && Number.isInteger(tag)).toBe(true);
  });
});
