/** Sizes that a document may reach, in bytes of UTF-8: GitHub counts bytes where its documentation says characters. */
export const CHECK_TEXT_MAX_BYTES = 65_535
export const COMMENT_MAX_BYTES = 60_000

export interface Fitting<Section extends string> {
  readonly maxBytes: number
  /** Items that each list has. */
  readonly counts: Readonly<Record<Section, number>>
  /** Lists that may lose items at their end, the most dispensable first. */
  readonly sacrifice: readonly Section[]
  /** Renders with that many items of each list, saying itself what it leaves out. */
  readonly render: (shown: Readonly<Record<Section, number>>) => string
}

/**
 * The fullest document that fits. Whole items are left out, never characters, so tables, fences and folds stay closed.
 * Assumes that the document fits without any item; foreign text is shortened to a bounded length before it comes here.
 */
export function fitBytes<Section extends string>(fitting: Fitting<Section>): string {
  const { maxBytes, sacrifice, render } = fitting
  let shown: Readonly<Record<Section, number>> = fitting.counts
  let document = render(shown)
  for (const section of sacrifice) {
    if (byteLength(document) <= maxBytes) break
    const renderWith = (count: number) => render({ ...shown, [section]: count })
    const count = largestFitting(shown[section], (tried) => byteLength(renderWith(tried)) <= maxBytes)
    document = renderWith(count)
    shown = { ...shown, [section]: count }
  }
  return document
}

/** Largest count below `count` that fits, by halving; 0 when none does. */
function largestFitting(count: number, fits: (tried: number) => boolean): number {
  let [fitting, tooMany] = [0, count]
  while (tooMany - fitting > 1) {
    const middle = Math.floor((fitting + tooMany) / 2)
    if (fits(middle)) fitting = middle
    else tooMany = middle
  }
  return fitting
}

export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8')
}
