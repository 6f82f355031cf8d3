/** A simulated publishing application: its messages are in its own log before they are offered to the mesh. */
import { Draws } from '../base/draw.js';
import { PublisherLog } from '../oracles/publish-log.js';
import { digestContent, makeHeaders, makePayload } from './content.js';
import type { Environment } from './environment.js';

/** Either form of publisher. */
export interface Publisher {
  /** The application has made one more message, of that size. */
  produce(bytes: number): void;
}

/** What both forms of publishers know. */
export interface PublisherContext {
  readonly environment: Environment;
  readonly publisher: number;
  readonly stream: number;
  readonly source: number;
  readonly producer: string;
  readonly log: PublisherLog;
  readonly draws: Draws;
}

export function publisherContext(environment: Environment, publisher: number): PublisherContext {
  const log = environment.log.log(publisher);
  return {
    environment,
    publisher,
    stream: log.stream,
    source: environment.plan.streams[log.stream]?.source ?? 0,
    producer: log.producer,
    log,
    draws: new Draws(environment.plan.seed, 'application', PUBLISHER_ENTITY + publisher),
  };
}

/** For people. */
export const nameOf = ({ stream, producer, source }: PublisherContext): string =>
  `publisher ${producer} of stream ${stream} at n${source}`;

/** Notes the next message in the publisher's own log. */
export function noteMessage({ log, publisher }: PublisherContext, bytes: number): void {
  const producerSeq = log.offeredCount + 1;
  const digest = digestContent(makePayload(publisher, producerSeq, bytes), makeHeaders(publisher, producerSeq));
  log.offer({ digest, bytes });
}

const PUBLISHER_ENTITY = 3_000_000;
