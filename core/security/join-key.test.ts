import { describe, expect, it } from 'vitest';
import type { NodeId } from '../base/ids.js';
import { idFromBytes } from '../base/ids.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import { Rng } from '../base/rng.js';
import type { JoinRequest } from '../wire/link-messages.js';
import { FAKE_CRYPTO as crypto } from './fake-crypto.js';
import { joinProof, joinProofHolds, joinVerifier } from './join-key.js';

const rng = Rng.fromSeed('join-key');
const salt = rng.fill(16);
const transcript = rng.fill(90);
const asked: JoinRequest = {
  nodeId: idFromBytes<NodeId>(rng.fill(16)), publicKey: rng.fill(32), name: 'edge-7', replica: 1,
  journalId: rng.fill(16), urls: ['wss://edge-7:7000'], site: '', proof: EMPTY_BYTES,
};
const verifier = joinVerifier(crypto, { joinKey: 'correct horse', salt });
const request = { ...asked, proof: joinProof(crypto, verifier, { request: asked, transcript }) };

describe('join key', () => {
  it('proves itself to whoever holds the verifier', () => {
    expect(joinProofHolds(crypto, verifier, { request, transcript })).toBe(true);
  });

  it('does not prove another key, another salt, another lane or another request', () => {
    const holds = (v: Uint8Array, r: JoinRequest, t: Uint8Array) => joinProofHolds(crypto, v, { request: r, transcript: t });
    expect(holds(joinVerifier(crypto, { joinKey: 'correct horsf', salt }), request, transcript)).toBe(false);
    expect(holds(joinVerifier(crypto, { joinKey: 'correct horse', salt: rng.fill(16) }), request, transcript)).toBe(false);
    expect(holds(verifier, request, rng.fill(90))).toBe(false);
    expect(holds(verifier, { ...request, publicKey: rng.fill(32) }, transcript)).toBe(false);
    expect(holds(verifier, { ...request, urls: [] }, transcript)).toBe(false);
    expect(holds(verifier, { ...request, proof: EMPTY_BYTES }, transcript)).toBe(false);
  });
});
