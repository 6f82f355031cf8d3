/**
 * The configurations along a log: the snapshot's and one for each configuration entry after it. The newest is in
 * force, committed or not; a truncation brings back the one before (thesis §4.1).
 */
import { assert } from '../base/assert.js';
import { type LogIndex, logIndex } from '../base/units.js';
import type { Configuration } from './api.js';

interface Place {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

export class ConfigurationHistory {
  /** Ascending; the first one is at or before the snapshot. Never empty. */
  #places: Place[];

  constructor(base: Configuration) {
    this.#places = [{ index: logIndex(0), configuration: base }];
  }

  /** In force now. */
  get newest(): Configuration {
    return this.#last.configuration;
  }

  /** The entry that brought it; at most the snapshot's index for the oldest. */
  get newestIndex(): LogIndex {
    return this.#last.index;
  }

  append(index: LogIndex, configuration: Configuration): void {
    assert(index > this.newestIndex, 'configurations ascend');
    this.#places.push({ index, configuration });
  }

  /** What was in force at `index`. */
  at(index: LogIndex): Configuration {
    for (let n = this.#places.length - 1; n > 0; n--) {
      const place = this.#places[n] as Place;
      if (place.index <= index) return place.configuration;
    }
    return (this.#places[0] as Place).configuration;
  }

  /** Forgets those at and after `index`; true when another one came into force. */
  truncateFrom(index: LogIndex): boolean {
    const before = this.#places.length;
    while (this.#places.length > 1 && this.newestIndex >= index) this.#places.pop();
    return this.#places.length !== before;
  }

  /** Forgets what came before the one that is in force at `index`. */
  compactThrough(index: LogIndex): void {
    const kept = this.#places.filter((place) => place.index > index);
    this.#places = [{ index, configuration: this.at(index) }, ...kept];
  }

  /** Begins anew with a snapshot's. */
  resetTo(index: LogIndex, configuration: Configuration): void {
    this.#places = [{ index, configuration }];
  }

  get #last(): Place {
    return this.#places[this.#places.length - 1] as Place;
  }
}
