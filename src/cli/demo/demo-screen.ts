import { MultiBar } from 'cli-progress'
import { MS_PER_S } from '#contracts/units.ts'
import type { OpenedPullRequest } from './run-demo.ts'
import type { PullProgress } from './wait-for-checks.ts'

export interface DemoScreen {
  update(progress: readonly PullProgress[]): void
  end(): void
}

/** One line for each pull request: redrawn on a terminal, printed on every change elsewhere. */
export function createDemoScreen(opened: readonly OpenedPullRequest[]): DemoScreen {
  return process.stdout.isTTY ? createLiveScreen(opened) : createPlainScreen(opened)
}

function describe({ title, conclusion }: PullProgress): string {
  if (title === null) return 'waiting for the bot'
  return conclusion === null ? title : `${conclusion.toUpperCase()}  ${title}`
}

/** `Measuring: round 4 of at most 24` as a share; everything else is either not begun or done. */
function shareOf({ title, conclusion }: PullProgress): number {
  if (conclusion !== null) return 1
  const round = /round (\d+) of at most (\d+)/.exec(title ?? '')
  return round === null ? 0 : Number(round[1]) / Number(round[2])
}

const NAME_COLUMNS = 44

function shortenTitle(title: string): string {
  return title.length > NAME_COLUMNS ? `${title.slice(0, NAME_COLUMNS - 1)}…` : title.padEnd(NAME_COLUMNS)
}

function createLiveScreen(opened: readonly OpenedPullRequest[]): DemoScreen {
  const format = '#{number} {name} {bar} {text}'
  const width = Math.max(40, (process.stdout.columns ?? 100) - NAME_COLUMNS - 20)
  const multi = new MultiBar({ format, barsize: 10, hideCursor: true, linewrap: false, forceRedraw: true })
  const bars = new Map(
    opened.map(({ number, title }) => [number, multi.create(100, 0, { number, name: shortenTitle(title), text: '' })])
  )
  return {
    update: (progress) => {
      for (const pull of progress) {
        const text = describe(pull)
        bars
          .get(pull.number)
          ?.update(100 * shareOf(pull), { text: text.length > width ? `${text.slice(0, width)}…` : text })
      }
    },
    end: () => multi.stop()
  }
}

function createPlainScreen(opened: readonly OpenedPullRequest[]): DemoScreen {
  const startMs = performance.now()
  const shown = new Map<number, string>()
  const titles = new Map(opened.map(({ number, title }) => [number, title]))
  return {
    update: (progress) => {
      for (const pull of progress) {
        const text = describe(pull)
        if (shown.get(pull.number) === text) continue
        shown.set(pull.number, text)
        const elapsedS = Math.round((performance.now() - startMs) / MS_PER_S)
        process.stdout.write(`${String(elapsedS).padStart(4)} s  #${pull.number} ${titles.get(pull.number)}: ${text}\n`)
      }
    },
    end: () => undefined
  }
}
