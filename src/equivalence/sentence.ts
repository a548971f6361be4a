/**
 * Sentences of our own words with pieces that anyone may have written: names of outputs, texts that a model gave. Those
 * travel as `code`, so that each report can make them inert in its own way (src/report/rich-text.ts has the same shape).
 */
export type Sentence = readonly (string | { readonly code: string })[]

const SMALLEST_SHARE = 1e-5

/** Marks a text as not ours. */
export function quote(text: string): { readonly code: string } {
  return { code: text }
}

/** `4.1 %`, two significant digits below 10 %. */
export function formatShare(share: number): string {
  if (share > 0 && share < SMALLEST_SHARE) return 'less than 0.001 %'
  const percent = share * 100
  if (percent > 99.9 && percent < 100) return 'more than 99.9 %'
  return `${Number(percent.toPrecision(percent >= 10 ? 3 : 2))} %`
}

/** `0.8125`, `1.5e+20`, with a real minus. */
export function formatDigits(value: number, digits = 6): string {
  return String(Number(value.toPrecision(digits))).replaceAll('-', '−')
}

/** `6.9`: a factor in a sentence. */
export function formatFactor(factor: number): string {
  return formatDigits(factor, 3)
}

/** `1 sample`, `1,200 samples`. */
export function countOf(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? singular : plural}`
}
