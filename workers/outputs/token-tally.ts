import type { ComparedTokens, TokenStatistics } from '#contracts/outputs.ts'

/** Token ids of two runs, taken in sample by sample. */
export class TokenTally {
  #samples = 0
  #identicalSamples = 0
  #baselineTokens = 0
  #candidateTokens = 0
  #prefixTokens = 0
  #firstDifference: ComparedTokens['firstDifference'] = null

  add(sampleIndex: number, baseline: readonly number[], candidate: readonly number[]): void {
    const position = commonPrefix(baseline, candidate)
    this.#samples += 1
    this.#baselineTokens += baseline.length
    this.#candidateTokens += candidate.length
    this.#prefixTokens += position
    if (position === baseline.length && position === candidate.length) {
      this.#identicalSamples += 1
      return
    }
    if (this.#firstDifference !== null && this.#firstDifference.position <= position) return
    this.#firstDifference = {
      sampleIndex,
      position,
      baseline: baseline[position] ?? null,
      candidate: candidate[position] ?? null
    }
  }

  get statistics(): TokenStatistics {
    return {
      samples: this.#samples,
      identicalSamples: this.#identicalSamples,
      baselineTokens: this.#baselineTokens,
      candidateTokens: this.#candidateTokens,
      prefixTokens: this.#prefixTokens
    }
  }

  get firstDifference(): ComparedTokens['firstDifference'] {
    return this.#firstDifference
  }
}

/** How many ids both sequences have in common from the start. */
export function commonPrefix(left: readonly number[], right: readonly number[]): number {
  const longest = Math.min(left.length, right.length)
  for (let position = 0; position < longest; position += 1) {
    if (left[position] !== right[position]) return position
  }
  return longest
}
