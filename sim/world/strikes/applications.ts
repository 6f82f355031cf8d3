/** Faults of subscribing applications and their handlers. */
import type { SubscriberAilment } from '../../apps/subscriber.js';
import { type Occasion, type Strikes, type Undo } from './strike.js';

export const APPLICATION_STRIKES: Strikes<
  'subscriber-crash' | 'handler-fails' | 'handler-hangs' | 'handler-slow' | 'ack-lost'
> = {
  'subscriber-crash': ({ world }, { subscriber }) => {
    const application = world.subscribers[subscriber];
    application?.crash();
    return application === undefined ? null : () => application.restart();
  },
  'handler-fails': (occasion, { subscriber }) => ail(occasion, subscriber, 'failing'),
  'handler-hangs': (occasion, { subscriber }) => ail(occasion, subscriber, 'hanging'),
  'ack-lost': (occasion, { subscriber }) => ail(occasion, subscriber, 'losing-acks'),
  'handler-slow': ({ world }, { subscriber, factor }) => {
    const application = world.subscribers[subscriber];
    if (application === undefined) return null;
    application.slowFactor *= factor;
    return () => void (application.slowFactor /= factor);
  },
};

function ail({ world }: Occasion, subscriber: number, ailment: SubscriberAilment): Undo | null {
  const application = world.subscribers[subscriber];
  application?.setAilment(ailment, true);
  return application === undefined ? null : () => application.setAilment(ailment, false);
}
