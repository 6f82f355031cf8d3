import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../base/ids.js';
import type { SignedDescriptor } from '../../wire/group-messages.js';
import type { Readmission } from '../../wire/succession-messages.js';
import { signDescriptor } from '../dsg/descriptor.js';
import { GroupHost, MESH, nodeNamed } from '../testing/group-host.js';
import { type StreamSeat, streamWorld } from '../testing/stream-seat.js';
import { hasSeat, readmissionFor, readmittedTo, takeSeat } from './readmission.js';

const [S, T, U] = ['s', 't', 'u'].map(nodeNamed) as [NodeId, NodeId, NodeId];
const of = streamWorld(['s', 't']);
const { descriptor } = of.at(0);
const signed = (of.seats[0] as StreamSeat).streams.signedOf(of.at(0)) as SignedDescriptor;

/** A mesh in which the target is its `number`-th replica by now. */
const mesh = (number: number) => ({
  replicaNumberOf: (node: NodeId) => (node === T ? number : 1),
  outThrough: (node: NodeId) => (node === T ? number - 1 : 0),
  isLossAccepted: () => false,
  publicKeyOf: (node: NodeId) => ['s', 't', 'u'].map((name) => new GroupHost(name)).find((host) => host.node === node)?.publicKey ?? null,
});

const readmission = (more: Partial<Readmission> = {}): Readmission => ({ ...signed, replica: 2, ...more });
const later = new GroupHost('t', { replica: 2 });

describe('letting in the later replica of a target', () => {
  it('offers it the stream with the number that the mesh’s log has, and nobody else', () => {
    expect(readmissionFor(mesh(2), descriptor, signed, T)).toEqual({ kind: 'readmit', ...signed, replica: 2 });
    expect(readmissionFor(mesh(1), descriptor, signed, T)).toBeNull();
    expect(readmissionFor(mesh(2), descriptor, signed, U)).toBeNull();
  });

  it('takes it from the source and from other targets', () => {
    expect(readmittedTo(later.context, mesh(2), S, readmission())?.stream).toBe(descriptor.stream);
    expect(readmittedTo(later.context, mesh(2), T, readmission())?.stream).toBe(descriptor.stream);
  });

  it('refuses it from a stranger, for another replica than this one, and to the replica that the descriptor names', () => {
    expect(readmittedTo(later.context, mesh(2), U, readmission())).toBeNull();
    expect(readmittedTo(later.context, mesh(2), S, readmission({ replica: 3 }))).toBeNull();
    expect(readmittedTo(new GroupHost('t').context, mesh(1), S, readmission({ replica: 1 }))).toBeNull();
    expect(readmittedTo(new GroupHost('u', { replica: 2 }).context, mesh(2), S, readmission())).toBeNull();
  });

  it('refuses a descriptor that its source did not sign, or that is of another mesh', () => {
    const { crypto } = later.context;
    const forged = signDescriptor(crypto, new GroupHost('u').privateSeed, descriptor);
    expect(readmittedTo(later.context, mesh(2), S, readmission(forged))).toBeNull();
    const foreign = signDescriptor(crypto, new GroupHost('s').privateSeed, { ...descriptor, mesh: nodeNamed('other') as string as typeof MESH });
    expect(readmittedTo(later.context, mesh(2), S, readmission(foreign))).toBeNull();
  });

  it('is remembered for that very replica, and by its disk alone', () => {
    const host = new GroupHost('t', { replica: 2 });
    expect(hasSeat(host.context, descriptor.stream)).toBe(false);
    takeSeat(host.context, descriptor.stream);
    host.settleDisk();
    const again = host.restart();
    expect(hasSeat(again.context, descriptor.stream)).toBe(true);
    expect(hasSeat({ journal: again.journal, replica: 3 }, descriptor.stream)).toBe(false);
    expect(hasSeat(new GroupHost('t', { replica: 3 }).context, descriptor.stream)).toBe(false);
  });
});
