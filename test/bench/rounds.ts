/** One way to make the same call. */
export interface Contender {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  /** It takes part in one round of so many; in every one when left out. */
  readonly every?: number;
}

/** How a comparison is run. */
export interface Pace {
  /**
   * Calls of one contender before it is the next one's turn: few enough to be done in most rounds
   * before the system lets another process in.
   */
  readonly batch: number;
  /** How many of them are under way at once. */
  readonly inFlight: number;
  /** Seconds after which no further round is begun. */
  readonly seconds: number;
}

/** One contender in one round, per call. */
export interface Sample {
  readonly wallMicros: number;
  readonly cpuMicros: number;
}

/** One contender's samples, by round; none where it did not take part. */
export type Samples = readonly (Sample | undefined)[];

/** However slow the machine: fewer rounds say nothing. */
const MIN_ROUNDS = 9;
/** The share of the time that is spent on getting everything compiled and connected. */
const WARM_UP = 0.3;

/**
 * Lets the contenders take turns, in another order each round, so that whatever slows the machine
 * for a while slows all of them. The samples by contender, one a round: those of the same round may
 * be compared with each other.
 */
export async function rounds(
  contenders: readonly Contender[],
  pace: Pace,
): Promise<readonly Samples[]> {
  await turns(contenders, pace, pace.seconds * WARM_UP, 1);
  return turns(contenders, pace, pace.seconds * (1 - WARM_UP), MIN_ROUNDS);
}

async function turns(
  contenders: readonly Contender[],
  pace: Pace,
  seconds: number,
  atLeast: number,
): Promise<readonly Samples[]> {
  const samples: (Sample | undefined)[][] = contenders.map(() => []);
  const end = performance.now() + seconds * 1000;
  globalThis.gc?.();
  for (let round = 0; round < atLeast || performance.now() < end; round += 1) {
    // By lot: in a fixed order each would have to bear what the same other left behind.
    for (const index of shuffled(contenders.length)) {
      const contender = contenders[index]!;
      const takesPart = round % (contender.every ?? 1) === 0;
      samples[index]!.push(takesPart ? await batch(contender, pace) : undefined);
    }
  }
  return samples;
}

function shuffled(count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

async function batch({ call }: Contender, { batch, inFlight }: Pace): Promise<Sample> {
  let left = batch;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await (inFlight === 1 ? worker() : Promise.all(Array.from({ length: inFlight }, worker)));
  const elapsed = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    wallMicros: (elapsed * 1000) / batch,
    cpuMicros: (cpu.user + cpu.system) / batch,
  };
}
