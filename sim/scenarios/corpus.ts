/**
 * Seeds that have failed, each with what it showed. They are run again with every test, although a change anywhere else
 * may have given a seed another course: the defect itself is held by the unit test that came with its repair.
 */
export interface OnceFailed {
  readonly scenario: string;
  readonly seeds: readonly number[];
  readonly showed: string;
}

export const CORPUS: readonly OnceFailed[] = [
  { scenario: 'failover', seeds: [80], showed: 'a journal with two torn tails in a row could not be read' },
  { scenario: 'bit-rot', seeds: [62], showed: 'a journal with two torn tails in a row could not be read' },
  { scenario: 'evict', seeds: [2, 4, 21, 23], showed: 'what was heard of a member outlived its membership' },
  { scenario: 'churn', seeds: [4, 13, 14, 20, 21], showed: 'what was heard of a member outlived its membership' },
  { scenario: 'evict', seeds: [31], showed: 'a configuration that was overwritten counted for the oracle of commits' },
  { scenario: 'evict', seeds: [41, 44], showed: 'two operators of one guest' },
  { scenario: 'churn', seeds: [47], showed: 'two operators of one guest' },
  { scenario: 'churn', seeds: [57], showed: 'a leader that had come back was not heard by a member that had missed its return' },
  { scenario: 'churn', seeds: [59], showed: 'a target that begins with what comes next completes what nobody has' },
  { scenario: 'churn', seeds: [71], showed: 'a configuration that was overwritten counted for the oracle of commits' },
  { scenario: 'poison', seeds: [21], showed: 'a target waited for the copy of a dead letter that nobody had any more' },
];
