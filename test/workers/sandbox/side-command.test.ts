import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sideCommand } from '#workers/sandbox/side-command.ts'

const options = {
  nodePath: '/opt/node/bin/node',
  sideProgram: resolve('workers/side/main.ts'),
  checkoutDirectory: '/var/tmp/job/baseline',
  bubblewrap: '/usr/bin/bwrap'
} as const

function bindsOf(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) =>
    arg.startsWith('--') && arg.includes('bind') ? [`${arg} ${args[index + 1]}`] : []
  )
}

describe('sideCommand', () => {
  test('runs node itself with a fixed environment when there is no bubblewrap', () => {
    const command = sideCommand({ ...options, bubblewrap: null })

    expect(command.program).toBe('/opt/node/bin/node')
    expect(command.args.at(-1)).toBe(options.sideProgram)
    expect(command.env).toEqual({
      PATH: '/usr/bin:/bin',
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      ORT_DISABLE_TELEMETRY: '1'
    })
  })

  test('is tied to its parent by setpriv when there is no bubblewrap', () => {
    const { program, args } = sideCommand({ ...options, bubblewrap: null, setpriv: '/usr/bin/setpriv' })

    expect(program).toBe('/usr/bin/setpriv')
    expect(args.slice(0, 4)).toEqual(['--pdeathsig', 'KILL', '--', '/opt/node/bin/node'])
    expect(args.at(-1)).toBe(options.sideProgram)
    expect(sideCommand({ ...options, setpriv: '/usr/bin/setpriv' })).toEqual(sideCommand(options))
  })

  test('ends with node and the side program, so that arguments can be appended', () => {
    const { program, args, env } = sideCommand(options)

    expect(program).toBe('/usr/bin/bwrap')
    expect(args.slice(args.indexOf('--') + 1)).toEqual(['/opt/node/bin/node', '--disable-sigusr1', options.sideProgram])
    expect(env).toEqual({})
  })

  test('unshares everything and never shares the network again', () => {
    const { args } = sideCommand(options)

    expect(args).toEqual(
      expect.arrayContaining(['--unshare-all', '--unshare-user', '--die-with-parent', '--new-session', '--clearenv'])
    )
    expect(args).not.toContain('--share-net')
  })

  test('binds nothing writable', () => {
    const binds = bindsOf(sideCommand(options).args)

    expect(binds.length).toBeGreaterThan(0)
    expect(binds.filter((bind) => !bind.startsWith('--ro-bind'))).toEqual([])
  })

  test('shows single parts of the project, not its folder with .env and data', () => {
    const binds = bindsOf(sideCommand(options).args)

    expect(binds).toContain(`--ro-bind ${resolve('node_modules')}`)
    expect(binds).toContain(`--ro-bind ${resolve('src/contracts')}`)
    expect(binds).not.toContain(`--ro-bind ${resolve('.')}`)
    expect(binds).not.toContain(`--ro-bind ${resolve('src')}`)
  })

  test('binds the checkout after the temporary folder, which would hide it otherwise', () => {
    const { args } = sideCommand({ ...options, checkoutDirectory: '/tmp/job/baseline' })

    expect(args.indexOf('/tmp/job/baseline')).toBeGreaterThan(args.indexOf('--tmpfs'))
  })

  test('shows the engine that the side loads, and no other one', () => {
    const { args } = sideCommand({ ...options, engineDirectories: ['/tmp/data/engines/1.29.0'] })

    expect(bindsOf(args)).toContain('--ro-bind /tmp/data/engines/1.29.0')
    expect(bindsOf(args).filter((bind) => bind.includes('/tmp/data'))).toHaveLength(1)
    expect(args.indexOf('/tmp/data/engines/1.29.0')).toBeGreaterThan(args.indexOf('--tmpfs'))
    expect(bindsOf(sideCommand(options).args).join()).not.toContain('engines')
  })

  test('shows another checkout only to a side whose cases take files from it', () => {
    const binds = bindsOf(sideCommand({ ...options, otherCheckouts: ['/var/tmp/job/candidate'] }).args)

    expect(binds).toContain('--ro-bind /var/tmp/job/baseline')
    expect(binds).toContain('--ro-bind /var/tmp/job/candidate')
    expect(bindsOf(sideCommand(options).args)).not.toContain('--ro-bind /var/tmp/job/candidate')
  })

  test('lets a side read compiled code but not write it; only the one that fills the cache may', () => {
    const reading = sideCommand({ ...options, codeCache: { directory: '/tmp/cache', access: 'read' } }).args
    const filling = sideCommand({ ...options, codeCache: { directory: '/tmp/cache', access: 'write' } }).args

    expect(bindsOf(reading)).toContain('--ro-bind-try /tmp/cache')
    expect(bindsOf(reading)).not.toContain('--bind /tmp/cache')
    expect(bindsOf(filling)).toContain('--bind /tmp/cache')
    expect(reading.join(' ')).toContain('--setenv NODE_COMPILE_CACHE /tmp/cache')
  })

  test('binds a program on its own only when no bound folder holds it', () => {
    const inside = bindsOf(sideCommand({ ...options, nodePath: '/usr/bin/node' }).args)
    const outside = bindsOf(sideCommand({ ...options, sideProgram: '/srv/probe.ts' }).args)

    expect(inside).not.toContain('--ro-bind /usr/bin/node')
    expect(inside).not.toContain(`--ro-bind ${options.sideProgram}`)
    expect(outside).toContain('--ro-bind /srv/probe.ts')
    expect(outside).toContain('--ro-bind /opt/node/bin/node')
  })
})

describe('sideCommand for a side on a GPU', () => {
  const device = {
    environment: { CUDA_VISIBLE_DEVICES: 'GPU-1' },
    devicePaths: ['/dev/nvidia0', '/dev/nvidiactl'],
    readOnlyPaths: ['/sys/bus/pci', '/etc/vulkan']
  }

  test('adds exactly the device files, what names them and the environment, before the folders are sealed', () => {
    const { args } = sideCommand({ ...options, device })
    const without = sideCommand(options).args
    const added = [
      ...['--dev-bind-try', '/dev/nvidia0', '/dev/nvidia0', '--dev-bind-try', '/dev/nvidiactl', '/dev/nvidiactl'],
      ...['--ro-bind-try', '/sys/bus/pci', '/sys/bus/pci', '--ro-bind-try', '/etc/vulkan', '/etc/vulkan'],
      ...['--setenv', 'CUDA_VISIBLE_DEVICES', 'GPU-1']
    ]
    const place = without.indexOf('--remount-ro')

    expect(args).toEqual([...without.slice(0, place), ...added, ...without.slice(place)])
    expect(args.indexOf('/dev/nvidia0')).toBeGreaterThan(args.indexOf('--dev'))
  })

  test('gives the environment where there is no bubblewrap', () => {
    const command = sideCommand({ ...options, bubblewrap: null, device })

    expect(command.env).toMatchObject({ CUDA_VISIBLE_DEVICES: 'GPU-1', ORT_DISABLE_TELEMETRY: '1' })
  })

  test('a side on the processor gets nothing of it', () => {
    expect(sideCommand({ ...options, device: null })).toEqual(sideCommand(options))
    expect(sideCommand(options).args.join(' ')).not.toMatch(/dev-bind|nvidia|dri|vulkan|CUDA/)
  })
})
