/** Who is enough: majorities, joint majorities, and whether those of two configurations always share a member. */

/** The voters of a configuration, as its group says; `outgoing` while a joint one is in force. */
export interface VoterSets {
  readonly voters: readonly string[];
  readonly outgoing: readonly string[] | null;
}

/** Whether those who hold are a majority of each voter set. */
export function isQuorum({ voters, outgoing }: VoterSets, holds: (voter: string) => boolean): boolean {
  return [voters, ...(outgoing === null ? [] : [outgoing])].every((set) => set.filter(holds).length >= majorityOf(set));
}

/**
 * Whether every quorum of one shares a member with every quorum of the other. A quorum holds a majority of each of its
 * voter sets, so it is enough that one set of one and one of the other have majorities that always meet.
 */
export function doQuorumsMeet(one: VoterSets, other: VoterSets): boolean {
  const setsOf = ({ voters, outgoing }: VoterSets): (readonly string[])[] => [voters, ...(outgoing === null ? [] : [outgoing])];
  return setsOf(one).some((a) => setsOf(other).some((b) => doMajoritiesMeet(a, b)));
}

/** Two disjoint majorities exist where what each needs of the common members, having all of its own, is there for both. */
function doMajoritiesMeet(a: readonly string[], b: readonly string[]): boolean {
  const common = a.filter((voter) => b.includes(voter)).length;
  const needA = Math.max(0, majorityOf(a) - (a.length - common));
  const needB = Math.max(0, majorityOf(b) - (b.length - common));
  return needA + needB > common;
}

const majorityOf = (set: readonly string[]): number => (set.length >> 1) + 1;
