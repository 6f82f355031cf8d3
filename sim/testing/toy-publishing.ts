/** Who waits for what at the toy's source: publisher sessions for watermarks, single publishes for their answers. */
import { accept } from '../../core/base/result.js';
import { streamSeq } from '../../core/base/units.js';
import type { PublishLevel } from '../../core/node/commands.js';
import type { Outbox } from '../../core/node/effects.js';
import type { RequestId } from '../../core/node/inputs.js';
import type { ToyStream } from './toy-stream.js';

interface Session {
  readonly request: RequestId;
  readonly stream: ToyStream;
  readonly producer: string;
  told: string;
}

interface SinglePublish {
  readonly request: RequestId;
  readonly stream: ToyStream;
  readonly seq: number;
  readonly level: PublishLevel;
  readonly isRepeat: boolean;
}

export class ToyPublishing {
  readonly #sessions = new Map<RequestId, Session>();
  #singles: SinglePublish[] = [];

  /** Opens a session and gives the credit it begins with. */
  attach(request: RequestId, stream: ToyStream, producer: string): number {
    stream.partial = [];
    this.#sessions.set(request, { request, stream, producer, told: '' });
    return CREDIT_BYTES;
  }

  session(request: RequestId): Pick<Session, 'stream' | 'producer'> | undefined {
    return this.#sessions.get(request);
  }

  cancel(request: RequestId): void {
    this.#sessions.delete(request);
  }

  awaitLevel(publish: SinglePublish): void {
    this.#singles.push(publish);
  }

  /** Tells everybody what has changed. */
  answer(out: Outbox): void {
    for (const session of this.#sessions.values()) {
      const { stream, producer, request } = session;
      const accepted = stream.producerMark(producer, stream.durableSeq);
      const completed = stream.producerMark(producer, stream.completedSeq);
      const told = `${accepted}/${completed}`;
      if (told === session.told) continue;
      session.told = told;
      const watermarks = { accepted, replicated: completed, completed, creditBytes: CREDIT_BYTES };
      out.push({ kind: 'watermarks', request, watermarks });
    }
    this.#singles = this.#singles.filter(({ request, stream, seq, level, isRepeat }) => {
      if ((level === 'accepted' ? stream.durableSeq : stream.completedSeq) < seq) return true;
      const published = { kind: 'published', stream: stream.descriptor.id, seq: streamSeq(seq), level, isRepeat } as const;
      out.push({ kind: 'reply', request, result: accept(published) });
      return false;
    });
  }
}

const CREDIT_BYTES = 512 * 1024;
