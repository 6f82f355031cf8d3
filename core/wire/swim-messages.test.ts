import { it } from 'vitest';
import { SwimMessage } from './swim-messages.js';
import { holdsEqual } from './testing/proto-equality.js';

it('declares gossip as swim.proto does', () => {
  holdsEqual('swim.proto', 'SwimMessage', SwimMessage);
});
