import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitHubStandIn } from '#test/fakes/github/github-stand-in.ts'
import type { OpenedPullRequest } from './run-demo.ts'

export interface DemoResults {
  readonly github: GitHubStandIn
  readonly repository: string
  readonly opened: readonly OpenedPullRequest[]
  readonly say: (line: string) => void
}

/** Prints each check run and comment as GitHub stores them, and writes them to files. */
export async function writeResults(results: DemoResults & { readonly output: string }): Promise<void> {
  const { github, repository, opened, output, say } = results
  for (const { number, headSha, title } of opened) {
    const check = github.checkRuns(repository, headSha).at(-1)
    if (check === undefined) continue
    const checkText = [`# ${check.title}`, check.summary, check.text].filter((part) => part !== null).join('\n\n')
    await writeFile(join(output, `pull-${number}-check.md`), `${checkText}\n`)
    say(`\n${'═'.repeat(100)}\nPull request #${number}: ${title}`)
    say(`Check run "${check.name}": ${check.status}, ${check.conclusion}\n${'─'.repeat(100)}\n${checkText}`)
    const comments = github.comments(repository, number)
    if (comments.length === 0) say('\n(No comment: the check says it all.)')
    for (const [index, comment] of comments.entries()) {
      await writeFile(join(output, `pull-${number}-comment-${index + 1}.md`), `${comment.body}\n`)
      say(`\n${'─'.repeat(100)}\nComment by ${comment.author}\n${'─'.repeat(100)}\n${comment.body}`)
    }
  }
  say(`\n${'═'.repeat(100)}\nWritten to ${output}`)
}

/** Compares what GitHub shows with what should have come out. Returns the exit code. */
export function judgeDemo({ github, repository, opened, say }: DemoResults): number {
  let wrong = 0
  say('')
  for (const { number, headSha, title, expected } of opened) {
    const check = github.checkRuns(repository, headSha).at(-1)
    const isRight = check?.conclusion === expected.conclusion && (check.title ?? '').startsWith(expected.titleStart)
    if (!isRight) wrong += 1
    say(`${isRight ? '✔' : '✘'} #${number} ${title}: ${check?.conclusion}`)
    if (!isRight) say(`    expected ${expected.conclusion}, "${expected.titleStart} …"; GitHub shows "${check?.title}"`)
  }
  for (const violation of github.violations) say(`✘ the stand-in broke GitHub’s contract: ${JSON.stringify(violation)}`)
  return wrong + github.violations.length === 0 ? 0 : 1
}
