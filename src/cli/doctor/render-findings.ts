import { makePrintable } from '../make-printable.ts'
import type { Finding, FindingLevel } from './finding.ts'

const MARKS: Readonly<Record<FindingLevel, string>> = { ok: '✓', warning: '!', broken: '✗' }
const INDENT = '    '

/** One line per finding with ✓, ! or ✗; below it what to do, and details. Ends with a count. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, level, found, advice, details }) => [
    `${MARKS[level]} ${check.padEnd(width)}  ${makePrintable(found)}`,
    ...(advice === null ? [] : [`${INDENT}→ ${makePrintable(advice)}`]),
    ...details.map((detail) => `${INDENT}${makePrintable(detail)}`)
  ])
  return [...lines, '', summarise(findings), ''].join('\n')
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
