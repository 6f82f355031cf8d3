import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from '../base/bytes.js';
import { type MessageId, idFromBytes } from '../base/ids.js';
import type { Reply } from './commands.js';
import { line, mustAnswer, pair } from './testing/meshes.js';
import type { SmallHost } from './testing/small-world.js';
import { change, update } from './testing/update-applications.js';
import { HOST } from './viewer.js';

type Answer = ReturnType<SmallHost['answer']>;

const put = (key: string, value: string | null, ifRevision: number | null = null, updateId: MessageId | null = null) =>
  update('mesh', '', { updateId, changes: [{ ...change('config_kv', key, value), ifRevision: ifRevision === null ? 0 : ifRevision + 1 }] });
const get = (key: string, isLocal = false) => ({ kind: 'get-configuration' as const, selector: { key: utf8Encode(key), isPrefix: false }, isLocal });

const revisionOf = (reply: Reply | null): number => (reply?.kind === 'update-sent' ? reply.seq : -1);
const shown = (answer: Answer): string | null => {
  if (answer.reply?.kind !== 'configuration') return answer.reject?.code ?? null;
  const [row] = answer.reply.rows;
  return row === undefined ? '' : `${utf8Decode(row.value)}@${row.revision}`;
};

describe('the configuration of the mesh', () => {
  it('read at any member holds whatever was answered anywhere before', () => {
    const { a, d } = line();
    for (let i = 1; i <= 10; i++) {
      const revision = revisionOf(mustAnswer(i % 2 === 0 ? a : d, put('k', `v${i}`)));
      expect(shown((i % 2 === 0 ? d : a).answer(get('k')))).toBe(`v${i}@${revision}`);
    }
  });

  it('is changed on top of the revision that the caller has read, or not at all', () => {
    const { a, b } = pair();
    const first = revisionOf(mustAnswer(a, put('k', 'one', 0)));
    expect(b.answer(put('k', 'other', 0)).reject).toMatchObject({ code: 'REVISION_MISMATCH', subject: 'k' });
    const second = revisionOf(mustAnswer(b, put('k', 'two', first)));
    const late = a.answer(put('k', 'late', first)).reject;
    expect(late).toMatchObject({ code: 'REVISION_MISMATCH' });
    expect(late?.detail).toContain(`${second}`);
    mustAnswer(a, put('k', null, second));
    expect(shown(b.answer(get('k')))).toBe('');
    expect(b.answer(put('k', 'again', second)).reject?.detail).toContain('revision 0');
  });

  it('answers the repeat of a change as it answered the change, whether it was made or not', () => {
    const { a, b } = pair();
    const id = (n: number): MessageId => idFromBytes<MessageId>(new Uint8Array(16).fill(n));
    const first = revisionOf(mustAnswer(a, put('k', 'one', 0, id(1))));
    expect(mustAnswer(b, put('k', 'one', 0, id(1)))).toMatchObject({ seq: first, isRepeat: true });
    expect(b.answer(put('k', 'x', 0, id(2))).reject?.code).toBe('REVISION_MISMATCH');
    mustAnswer(a, put('k', null));
    // Now its condition would hold: but it was refused, and stays so.
    expect(a.answer(put('k', 'x', 0, id(2))).reject?.code).toBe('REVISION_MISMATCH');
    expect(shown(b.answer(get('k')))).toBe('');
  });

  it('is read locally, and only locally, by who is alone; a leader that has lost the others answers nothing as if it knew', () => {
    const { world, a, b, c } = line();
    const revision = revisionOf(mustAnswer(a, put('k', 'before')));
    world.runFor(2_000_000);
    const leader = [a, b, c].find((host) => host.status().groups[0]?.role === 'leader') as SmallHost;
    for (const other of world.hosts.values()) if (other !== leader) other.crash();
    expect(shown(leader.answer(get('k', true)))).toBe(`before@${revision}`);
    const asked = leader.command(get('k'));
    world.runFor(30_000_000);
    expect(asked.reply).toBe(null);
    expect(asked.reject?.code).toBe('NO_QUORUM');
    expect(asked.reject?.detail).toContain('recover');
  });

  it('tells of each change by an event at every member', () => {
    const { world, a, b } = pair();
    const watched = b.command({ kind: 'watch-events', kinds: ['configuration-changed'], afterSequence: 0, viewer: HOST });
    const first = revisionOf(mustAnswer(a, put('k', 'one')));
    const second = revisionOf(mustAnswer(a, put('k', null)));
    world.runFor(1_000_000);
    expect(watched.events).toMatchObject([{ key: 'k', revision: first, isRemoval: false }, { key: 'k', revision: second, isRemoval: true }]);
  });

  it('says how many members vote', () => {
    const { world, a, b, c, d } = line();
    const voters = (): number => a.status().mesh?.members.filter(({ role }) => role !== 'learner').length ?? 0;
    expect(world.runUntil(() => voters() === 3)).toBe(true);
    expect(d.answer(put('policy.voters', '2')).reject).toMatchObject({ code: 'INVALID_ARGUMENT', subject: 'policy.voters' });
    mustAnswer(d, put('policy.voters', '1'));
    expect(world.runUntil(() => voters() === 1)).toBe(true);
    mustAnswer(b, put('policy.voters', null));
    expect(world.runUntil(() => voters() === 3)).toBe(true);
    expect(c.halted).toBe(null);
  });
});
