import { escapeMarkdown } from './escape-markdown.ts'

/** Answers to `/benchmark` commands. Each is a whole comment body. */

const HELP = `| Command | What it does |
| --- | --- |
| \`/benchmark\` | measure every case of this pull request's head again |
| \`/benchmark <sha>\` | the same, and approve exactly that head when it comes from a fork |
| \`/benchmark cancel\` | stop the run of this pull request |
| \`/benchmark help\` | show this table |

Commands count in new comments only, on a line of their own; they need write access to the repository.`

export function answerHelp(): string {
  return HELP
}

/** Says what was not understood, what was probably meant, and everything that is valid. */
export function answerInvalid(word: string, suggestion: string | null): string {
  const guess = suggestion === null ? '' : ` Did you mean \`/benchmark ${suggestion}\`?`
  return `I do not know ${escapeMarkdown(word)}.${guess}\n\n${HELP}`
}

/** One sentence of our own; callers pass no text that others wrote except commit SHAs. */
export function answerText(sentence: string): string {
  return sentence
}
