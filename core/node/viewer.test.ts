import { describe, expect, it } from 'vitest';
import { type TenantId, idFromBytes } from '../base/ids.js';
import { HOST, type Owner, type Viewer, mayView } from './viewer.js';

const A = idFromBytes<TenantId>(new Uint8Array(16).fill(1));
const B = idFromBytes<TenantId>(new Uint8Array(16).fill(2));

describe('who sees what', () => {
  it('a caller sees the mesh and its own tenant; the host sees all', () => {
    const viewers: Viewer[] = [HOST, { kind: 'caller', tenant: A }, { kind: 'caller', tenant: B }, { kind: 'caller', tenant: null }];
    const owners: Owner[] = ['mesh', A, B, 'unknown'];
    expect(viewers.map((viewer) => owners.map((owner) => mayView(viewer, owner)))).toEqual([
      [true, true, true, true],
      [true, true, false, false],
      [true, false, true, false],
      [true, false, false, false],
    ]);
  });
});
