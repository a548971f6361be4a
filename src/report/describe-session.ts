import type { SessionSpec } from '#contracts/session.ts'
import { code, joinList, prose, type RichText } from './rich-text.ts'

type Name = Exclude<keyof SessionSpec, 'configEntries'>

interface Setting {
  /** Stands before the value. */
  readonly label: string
  readonly word: (session: SessionSpec) => string
  /** Worth telling though both sides have it. */
  readonly isTold: (session: SessionSpec) => boolean
}

const always = () => true
const onlyWhereChanged = () => false
const DEVICES: ReadonlySet<SessionSpec['executionProvider']> = new Set(['cuda', 'tensorrt'])
const FALLBACKS = { forbid: 'forbidden', report: 'reported', allow: 'allowed' } as const

/** Every setting of a session, in the order in which they are told. */
const SETTINGS: Readonly<Record<Name, Setting>> = {
  executionProvider: { label: '', word: (session) => session.executionProvider, isTold: always },
  deviceId: {
    label: 'device ',
    word: ({ deviceId }) => String(deviceId),
    isTold: ({ executionProvider }) => DEVICES.has(executionProvider)
  },
  cpuFallback: {
    label: 'CPU fallback ',
    word: ({ cpuFallback }) => FALLBACKS[cpuFallback],
    isTold: ({ executionProvider }) => executionProvider !== 'cpu'
  },
  engineVersion: {
    label: 'ONNX Runtime ',
    word: ({ engineVersion }) => engineVersion ?? 'of the worker',
    isTold: ({ engineVersion }) => engineVersion !== null
  },
  graphOptimizationLevel: { label: 'optimization ', word: (session) => session.graphOptimizationLevel, isTold: always },
  intraOpNumThreads: { label: 'threads ', word: (session) => String(session.intraOpNumThreads), isTold: always },
  interOpNumThreads: {
    label: 'inter-op threads ',
    word: (session) => String(session.interOpNumThreads),
    isTold: ({ executionMode }) => executionMode === 'parallel'
  },
  executionMode: {
    label: 'execution ',
    word: (session) => session.executionMode,
    isTold: ({ executionMode }) => executionMode === 'parallel'
  },
  enableCpuMemArena: {
    label: 'memory arena ',
    word: (session) => onOff(session.enableCpuMemArena),
    isTold: onlyWhereChanged
  },
  enableMemPattern: {
    label: 'memory pattern ',
    word: (session) => onOff(session.enableMemPattern),
    isTold: onlyWhereChanged
  }
}

/** The session of both sides: what differs stands as `before → after`, what is as usual on both is left out. */
export function describeSession(before: SessionSpec, after: SessionSpec): RichText {
  const settings = Object.values(SETTINGS).flatMap(({ label, word, isTold }): readonly RichText[] => {
    const [left, right] = [word(before), word(after)]
    if (left === right) return isTold(before) || isTold(after) ? [[`${label}${left}`]] : []
    return [[`${label}${left} → ${right}`]]
  })
  return joinList([...settings, ...describeEntries(before.configEntries, after.configEntries)], ', ')
}

type Entries = Readonly<Record<string, string | undefined>>

/** `session.disable_prepacking` 0 → 1. */
function describeEntries(before: Entries, after: Entries): readonly RichText[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.map((name) => {
    const [left, right] = [before[name], after[name]]
    if (left === right) return prose`${code(name)} ${sayValue(left)}`
    return prose`${code(name)} ${sayValue(left)} → ${sayValue(right)}`
  })
}

function sayValue(value: string | undefined): RichText {
  return value === undefined ? ['not set'] : [code(value)]
}

function onOff(enabled: boolean): string {
  return enabled ? 'on' : 'off'
}
