/** Frames of flows as lines of text, for stories that are read and reviewed. */
import { type Micros, MILLISECOND_US } from '../../base/units.js';
import { FlowAck } from '../../wire/flow-messages.js';
import { MSG_TYPES } from '../../wire/header.js';
import type { FlowEndpoint, Frame } from './flow-endpoint.js';

/**
 * One line: milliseconds since `start`, the ends by their last letters and boots (`?` while unknown), then
 * `data CLASS#SEQ BYTES` or `ack`, for each flow told `CLASS:CUMULATIVE+RANGES/CREDIT`, and `?` when it asks.
 */
export function describeFrame(start: Micros, now: Micros, from: FlowEndpoint, frame: Frame): string {
  const { header, payload } = frame;
  const at = Math.floor((now - start) / MILLISECOND_US);
  const source = `${from.id.slice(-1)}${bootOf(header.sourceBoot)}`;
  const target = `${frame.to.slice(-1)}${header.targetReplica === 0 ? '?' : bootOf(header.targetBoot)}`;
  const head = `${at} ${source}>${target}`;
  if (header.msgType === MSG_TYPES.FLOW_DATA) {
    return `${head} data ${header.flowClass}#${header.seq} ${payload.length}`;
  }
  const ack = FlowAck.decode(payload);
  if (ack === null) return `${head} malformed`;
  const flows = ack.flows.map((flow) => {
    const ranges = flow.ranges.map((range) => `+${range.from}-${range.to}`).join('');
    return ` ${flow.flowClass}:${flow.cumulative}${ranges}/${flow.creditLimit}`;
  });
  return `${head} ack${flows.join('')}${ack.isProbe ? ' ?' : ''}`;
}

function bootOf(counter: number): string {
  const session = counter % 0x10_0000;
  return `${Math.floor(counter / 0x10_0000)}${session === 0 ? '' : `.${session}`}`;
}
