import type { AccuracyFacts } from '#contracts/accuracy.ts'

/** Right and wrong answers of both sides beside each other. */
export class AnswerTally {
  #samples = 0
  #bothRight = 0
  #onlyBaselineRight = 0
  #onlyCandidateRight = 0
  #bothWrong = 0

  /** Takes in the answers of one sample: as many of each side. */
  add(baseline: readonly boolean[], candidate: readonly boolean[]): void {
    this.#samples += 1
    for (const [item, isRight] of baseline.entries()) {
      if (isRight && candidate[item]) this.#bothRight += 1
      else if (isRight) this.#onlyBaselineRight += 1
      else if (candidate[item]) this.#onlyCandidateRight += 1
      else this.#bothWrong += 1
    }
  }

  get facts(): AccuracyFacts {
    return {
      kind: 'answers',
      samples: this.#samples,
      bothRight: this.#bothRight,
      onlyBaselineRight: this.#onlyBaselineRight,
      onlyCandidateRight: this.#onlyCandidateRight,
      bothWrong: this.#bothWrong
    }
  }
}

/** Moments of the losses of both sides, updated one sample at a time (Welford 1962), so that none cancels out. */
export class LossTally {
  #samples = 0
  #baselineMean = 0
  #candidateMean = 0
  #baselineSquares = 0
  #candidateSquares = 0
  #products = 0
  readonly #notFinite = { baseline: 0, candidate: 0, both: 0 }

  /** Takes in one sample. Losses whose squares are no numbers any more count as not finite. */
  add(baseline: number, candidate: number): void {
    const isBaselineUsable = baseline < MAX_LOSS
    const isCandidateUsable = candidate < MAX_LOSS
    if (!isBaselineUsable || !isCandidateUsable) {
      this.#notFinite[isBaselineUsable ? 'candidate' : isCandidateUsable ? 'baseline' : 'both'] += 1
      return
    }
    this.#samples += 1
    const baselineStep = baseline - this.#baselineMean
    const candidateStep = candidate - this.#candidateMean
    this.#baselineMean += baselineStep / this.#samples
    this.#candidateMean += candidateStep / this.#samples
    this.#baselineSquares += baselineStep * (baseline - this.#baselineMean)
    this.#candidateSquares += candidateStep * (candidate - this.#candidateMean)
    this.#products += baselineStep * (candidate - this.#candidateMean)
  }

  get facts(): AccuracyFacts {
    const degrees = Math.max(1, this.#samples - 1)
    return {
      kind: 'losses',
      samples: this.#samples,
      baselineMean: this.#baselineMean,
      candidateMean: this.#candidateMean,
      baselineVariance: Math.max(0, this.#baselineSquares / degrees),
      candidateVariance: Math.max(0, this.#candidateSquares / degrees),
      covariance: this.#products / degrees,
      notFinite: { ...this.#notFinite }
    }
  }
}

/** A few hundred thousand squares of it still add up. */
const MAX_LOSS = 1e150
