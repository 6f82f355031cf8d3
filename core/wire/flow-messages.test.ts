import { describe, it } from 'vitest';
import { FlowAck, FlowProgress, FlowRange } from './flow-messages.js';
import { holdsEqual } from './testing/proto-equality.js';

describe('flow messages', () => {
  it('are the ones that flow.proto declares', () => {
    holdsEqual('flow.proto', 'FlowRange', FlowRange);
    holdsEqual('flow.proto', 'FlowProgress', FlowProgress);
    holdsEqual('flow.proto', 'FlowAck', FlowAck);
  });
});
