import { MS_PER_S } from '#contracts/units.ts'
import { renderTable } from '#src/scripts/bench/render-table.ts'
import { formatProportion, formatSeconds, shareOf } from './format-tally.ts'
import type { InjectedEffect } from './injected-effect.ts'
import type { Call } from './rule.ts'
import { LARGE_RUN_NAME, type RecordingFigures } from './run-verdict.ts'
import type { Tally } from './tally.ts'
import type { Proportion } from './wilson-interval.ts'

interface ShareAim {
  readonly kind: 'at most' | 'at least'
  readonly share: number
}

/** What Tailgate itself is held to, one row a figure. Figures of effects that were not recorded are left out. */
export function renderAims({ recording, tallies }: RecordingFigures): string {
  const ours = tallies.filter(({ source }) => source === null)
  const find = (effect: InjectedEffect['kind'], percent?: number) =>
    ours.find(
      (tally) =>
        tally.rule !== LARGE_RUN_NAME &&
        tally.effect.kind === effect &&
        (tally.effect.kind !== 'slower' || tally.effect.percent === percent)
    )
  const large = ours.find(({ rule }) => rule === LARGE_RUN_NAME)
  const identical = find('identical')
  const five = find('slower', 5)
  const rows = [
    shareRow('identical code called a regression', identical, 'regression', { kind: 'at most', share: 0.005 }),
    shareRow('the same, 15 tests in a run', large, 'regression', { kind: 'at most', share: 0.01 }),
    shareRow('identical code passes', identical, 'pass', { kind: 'at least', share: 0.99 }),
    timeRow('measuring time, identical code', identical, 6),
    shareRow('+5 % found', five, 'regression', { kind: 'at least', share: 0.999 }),
    timeRow('measuring time, +5 %', five, 5),
    shareRow('+2 % found', find('slower', 2), 'regression', { kind: 'at least', share: aimOfTwoPercent(recording) }),
    shareRow('slower tail found', find('tail'), 'regression', { kind: 'at least', share: 0.95 })
  ]
  return renderTable(
    ['Tailgate', 'measured', 'aim'],
    rows.filter((row) => row !== null)
  )
}

/** Recordings of a machine under other load have `noisy` in their name. */
function aimOfTwoPercent(recording: string): number {
  return recording.includes('noisy') ? 0.95 : 0.99
}

function shareRow(name: string, tally: Tally | undefined, call: Call, aim: ShareAim): readonly string[] | null {
  if (tally === undefined) return null
  const measured = shareOf(tally, call)
  return [name, formatProportion(measured), compareWithShare(aim, measured)]
}

function timeRow(name: string, tally: Tally | undefined, aimS: number): readonly string[] | null {
  if (tally === undefined) return null
  const reached = tally.meanMeasuringMs <= aimS * MS_PER_S
  return [name, formatSeconds(tally), `≤ ${aimS} s: ${reached ? 'reached' : 'missed'}`]
}

/** Only an interval on one side of the aim decides; otherwise so many draws cannot tell. */
export function compareWithShare(aim: ShareAim, { low, high }: Proportion): string {
  const [sign, isReached, isMissed] =
    aim.kind === 'at most' ? ['≤', high <= aim.share, low > aim.share] : ['≥', low >= aim.share, high < aim.share]
  const outcome = isReached ? 'reached' : isMissed ? 'missed' : 'open'
  return `${sign} ${Number((100 * aim.share).toFixed(3))} %: ${outcome}`
}
