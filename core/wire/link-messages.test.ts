import { describe, it } from 'vitest';
import {
  CertificateChain, JoinGrant, JoinMessage, JoinRequest, LinkGoodbye, LinkHeartbeat, LinkHeartbeatAck, LinkHello,
  LinkHelloFinish, LinkHelloReply, MembershipCertificate,
} from './link-messages.js';
import type { Codec } from './schema.js';
import { holdsEqual } from './testing/proto-equality.js';

describe('link messages', () => {
  for (const codec of [
    MembershipCertificate, CertificateChain, LinkHello, LinkHelloReply, LinkHelloFinish, LinkHeartbeat,
    LinkHeartbeatAck, LinkGoodbye, JoinRequest, JoinGrant, JoinMessage,
  ]) {
    it(`${codec.name} is what link.proto says`, () => holdsEqual('link.proto', codec.name, codec as Codec<unknown>));
  }
});
