import { makePrintable } from '../make-printable.ts'
import type { Finding, FindingGroup, FindingLevel } from './finding.ts'

const MARKS: Readonly<Record<FindingLevel, string>> = { ok: '✓', absent: '·', warning: '!', broken: '✗' }
const INDENT = '    '

/** One line per finding with ✓, ·, ! or ✗, below the title of its group; under it what to do, and details. Ends with a count. */
export function renderFindings(groups: readonly FindingGroup[]): string {
  const all = groups.flatMap(({ findings }) => findings)
  const width = Math.max(0, ...all.map(({ check }) => check.length))
  const lines = groups
    .filter(({ findings }) => findings.length > 0)
    .flatMap(({ title, findings }) => [title, ...findings.flatMap((finding) => renderFinding(finding, width)), ''])
  return [...lines, summarise(all), ''].join('\n')
}

function renderFinding({ check, level, found, advice, details }: Finding, width: number): string[] {
  return [
    `${MARKS[level]} ${check.padEnd(width)}  ${makePrintable(found)}`,
    ...(advice === null ? [] : [`${INDENT}→ ${makePrintable(advice)}`]),
    ...details.map((detail) => `${INDENT}${makePrintable(detail)}`)
  ]
}

function summarise(findings: readonly Finding[]): string {
  const brokenCount = findings.filter(({ level }) => level === 'broken').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  if (brokenCount > 0) return `${brokenCount} broken (✗), ${countWarnings(warnings)}.`
  return warnings === 0 ? 'All is well.' : `Nothing is broken; ${countWarnings(warnings)}.`
}

function countWarnings(count: number): string {
  return count === 1 ? '1 thing could be better (!)' : `${count} things could be better (!)`
}
