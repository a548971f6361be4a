import { expect, test } from 'vitest'
import type { Finding } from '#src/cli/doctor/finding.ts'
import {
  judgeCores,
  judgeGovernor,
  judgeLoad,
  judgeMemory,
  judgeSmt,
  judgeTurbo,
  judgeVirtual
} from '#src/cli/doctor/judge-machine.ts'
import {
  judgeGit,
  judgeGitLfs,
  judgeNode,
  judgeNpm,
  judgeRuntime,
  judgeSandbox,
  judgeTaskset
} from '#src/cli/doctor/judge-programs.ts'
import {
  type BotProbe,
  type DatabaseProbe,
  type DataDirProbe,
  judgeBot,
  judgeDatabase,
  judgeDataDir,
  judgeRedis,
  type RedisProbe
} from '#src/cli/doctor/judge-services.ts'

type Level = Finding['level']
type Row = [what: string, finding: Finding, level: Level, found: RegExp, advice?: RegExp]

const GIB = 1024 ** 3
const address = 'bot:3000'

const dataDir = (probe: DataDirProbe) => judgeDataDir(probe)
const redis = (probe: RedisProbe) => judgeRedis(probe)
const database = (probe: DatabaseProbe) => judgeDatabase(probe)
const bot = (probe: BotProbe) => judgeBot(probe)

const PROGRAMS: readonly Row[] = [
  ['Node.js 24', judgeNode('v24.21.0'), 'ok', /^v24\.21\.0$/],
  ['an older Node.js', judgeNode('v22.18.0'), 'warning', /v22\.18\.0; .*tested with 24/, /npm/],
  ['a newer Node.js', judgeNode('v26.0.0'), 'warning', /v26/, /npm/],
  ['a runtime that works', judgeRuntime({ kind: 'works' }, '1.30.0'), 'ok', /^1\.30\.0 ran/],
  ['no runtime', judgeRuntime({ kind: 'not_installed' }, 'x'), 'warning', /not installed/, /npm ci/],
  [
    'a runtime that fails',
    judgeRuntime({ kind: 'fails', reason: 'ended by SIGILL', output: '' }, '1.30.0'),
    'broken',
    /1\.30\.0 .*ended by SIGILL/,
    /npm ci/
  ],
  ['git', judgeGit('git version 2.39.5\n'), 'ok', /^2\.39\.5$/],
  ['the oldest git', judgeGit('git version 2.32.0 (Apple Git-132)'), 'ok', /^2\.32\.0$/],
  ['an old git', judgeGit('git version 2.31.9'), 'broken', /2\.31\.9 is too old/, /2\.32/],
  ['a very old git', judgeGit('git version 1.99.0'), 'broken', /too old/, /2\.32/],
  ['a git of the future', judgeGit('git version 3.0.0'), 'ok', /^3\.0\.0$/],
  ['a git without a version', judgeGit('hello'), 'warning', /does not tell/, /2\.32/],
  ['no git', judgeGit(null), 'broken', /not installed/, /2\.32/],
  ['git-lfs', judgeGitLfs('git-lfs/3.3.0 (GitHub; linux amd64)'), 'ok', /^3\.3\.0$/],
  ['no git-lfs', judgeGitLfs(null), 'warning', /^is not installed, so no model in Git LFS/, /git-lfs/],
  ['npm', judgeNpm('11.5.0\n'), 'ok', /^11\.5\.0$/],
  ['no npm', judgeNpm(null), 'warning', /^is not installed, so no other version/, /npm/],
  ['a sandbox', judgeSandbox({ kind: 'usable', path: '/usr/bin/bwrap' }), 'ok', /bwrap works/],
  ['no sandbox', judgeSandbox({ kind: 'unusable', reason: 'Install it.' }), 'warning', /Install it\./, /trust/],
  ['taskset', judgeTaskset({ present: true, platform: 'linux' }), 'ok', /same cores/],
  ['no taskset', judgeTaskset({ present: false, platform: 'linux' }), 'warning', /not installed/, /util-linux/],
  ['no taskset on a Mac', judgeTaskset({ present: false, platform: 'darwin' }), 'warning', /needs Linux/, /Linux/]
]

const cores = (...busy: readonly number[]) => judgeCores(busy.map((busyShare, core) => ({ core, busyShare })))

const MACHINE: readonly Row[] = [
  ['idle cores', cores(0.5, 0.02, 0), 'ok', /3 cores, idle just now: 1, 2/],
  ['busy cores', cores(1, 0.4), 'warning', /2 cores, and none was idle/, /top/],
  ['one core', cores(0), 'warning', /1 core for the models and the worker/, /two cores/],
  ['cores that nobody tells of', judgeCores(null), 'ok', /not told/],
  ['a fixed clock', judgeGovernor({ governors: ['performance'] }), 'ok', /^performance$/],
  [
    'a clock that follows',
    judgeGovernor({ governors: ['performance', 'powersave'] }),
    'warning',
    /powersave/,
    /cpupower/
  ],
  ['a clock that nobody tells of', judgeGovernor({ governors: null }), 'ok', /not told/],
  ['turbo', judgeTurbo({ turbo: true }), 'warning', /^on/, /no_turbo/],
  ['no turbo', judgeTurbo({ turbo: false }), 'ok', /^off$/],
  ['turbo that nobody tells of', judgeTurbo({ turbo: null }), 'ok', /not told/],
  ['hyper-threading', judgeSmt({ smt: true }), 'warning', /^on/, /smt\/control/],
  ['no hyper-threading', judgeSmt({ smt: false }), 'ok', /^off$/],
  ['hyper-threading that nobody tells of', judgeSmt({ smt: null }), 'ok', /not told/],
  ['a real machine', judgeVirtual({ virtual: false }, 0), 'ok', /^no$/],
  ['a virtual machine', judgeVirtual({ virtual: true }, 0.004), 'ok', /^yes; .* 0\.4 %/],
  ['a virtual machine that does not tell', judgeVirtual({ virtual: true }, null), 'ok', /^yes$/],
  ['stolen time', judgeVirtual({ virtual: true }, 0.123), 'warning', /12\.3 % of the last second/, /calibrate/],
  ['stolen time of a hidden host', judgeVirtual({ virtual: false }, 0.01), 'warning', /1\.0 %/, /calibrate/],
  ['an idle machine', judgeLoad(0.3, 4), 'ok', /0\.3 on 4 cores/],
  ['a busy machine', judgeLoad(1, 1), 'warning', /1\.0 on 1 core .*something else runs/, /other work/],
  ['enough memory', judgeMemory(GIB, 2 * GIB), 'ok', /1\.0 GiB of 2\.0 GiB/],
  ['little memory', judgeMemory(GIB - 1, 2 * GIB), 'warning', /free/, /limit/]
]

const SERVICES: readonly Row[] = [
  ['a data folder', dataDir({ kind: 'writable', path: '/d', openPath: null }), 'ok', /\/d can be written/],
  [
    'an open data folder',
    dataDir({ kind: 'writable', path: '/d', openPath: '/d/e' }),
    'warning',
    /others/,
    /chmod go-w .d.e/
  ],
  ['a data folder to come', dataDir({ kind: 'absent', path: '/d' }), 'ok', /will be made/],
  ['no data folder', dataDir({ kind: 'unusable', path: '/d', reason: 'EACCES' }), 'broken', /EACCES/, /DATA_DIR/],
  ['no Redis asked for', redis({ kind: 'not_set' }), 'ok', /REDIS_URL is not set/],
  ['a fit Redis', redis({ kind: 'fit', address }), 'ok', /bot:3000 answers/],
  [
    'a Redis that evicts',
    redis({ kind: 'may_evict', address, policy: 'allkeys-lru' }),
    'warning',
    /allkeys-lru/,
    /noeviction/
  ],
  ['no Redis', redis({ kind: 'unfit', message: 'It is away.' }), 'broken', /It is away\./, /REDIS_URL/],
  ['no Postgres asked for', database({ kind: 'not_set' }), 'ok', /DATABASE_URL is not set/],
  ['Postgres', database({ kind: 'answers', address, version: '18.4' }), 'ok', /version 18\.4/],
  [
    'no Postgres',
    database({ kind: 'unreachable', address, reason: 'ECONNREFUSED' }),
    'broken',
    /ECONNREFUSED/,
    /DATABASE_URL/
  ],
  ['no bot asked for', bot({ kind: 'not_set' }), 'ok', /BOT_URL is not set/],
  ['a bot', bot({ kind: 'fit', address }), 'ok', /accepts/],
  ['no bot', bot({ kind: 'unreachable', address, reason: 'ENOTFOUND' }), 'broken', /ENOTFOUND/, /BOT_URL/],
  ['something else', bot({ kind: 'not_the_bot', address, status: 404 }), 'broken', /404/, /BOT_URL/],
  ['a bot without its database', bot({ kind: 'unhealthy', address }), 'broken', /database/, /log/],
  ['no token', bot({ kind: 'no_token', address }), 'broken', /WORKER_TOKEN is not set/, /WORKER_TOKEN/],
  ['a wrong token', bot({ kind: 'token_refused', address }), 'broken', /refuses/, /WORKER_TOKEN/]
]

test.each<Row>([...PROGRAMS, ...MACHINE, ...SERVICES])('%s', (_what, finding, level, found, advice) => {
  expect(finding.level).toBe(level)
  expect(finding.found).toMatch(found)
  if (advice === undefined) expect(finding.advice).toBeNull()
  else expect(finding.advice).toMatch(advice)
})
