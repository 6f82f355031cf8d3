import { it } from 'vitest';
import { Lsa, LsaBody, TopologyMessage } from './lsa-messages.js';
import { holdsEqual } from './testing/proto-equality.js';

it('declares LSAs as lsa.proto does', () => {
  holdsEqual('lsa.proto', 'LsaBody', LsaBody);
  holdsEqual('lsa.proto', 'Lsa', Lsa);
  holdsEqual('lsa.proto', 'TopologyMessage', TopologyMessage);
});
