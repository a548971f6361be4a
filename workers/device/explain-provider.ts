import { stripVTControlCharacters } from 'node:util'
import type { ExecutionProvider } from '#contracts/session.ts'

/** What an execution provider lacks on this machine. */
export type MissingPart =
  /** A part of onnxruntime-node that its package does not carry. */
  | { readonly part: 'engine_part'; readonly name: string }
  /** A library of the system, by file name. */
  | { readonly part: 'library'; readonly name: string }
  | { readonly part: 'driver' | 'device' | 'memory'; readonly name: null }
  /** Nothing that is known; the message quotes what was said. */
  | { readonly part: 'unknown'; readonly name: null }

export interface ProviderProblem {
  readonly missing: MissingPart
  /** What is missing, in one sentence. */
  readonly message: string
  /** What to do. */
  readonly hint: string
}

export interface AskedProvider {
  readonly provider: ExecutionProvider
  readonly deviceId: number
}

const QUOTED_MAX_CHARACTERS = 300

const CANNOT_LOAD = /(?:with error|Couldn't load Vulkan): (?:[^\s:]*\/)?([^\s:/]+): cannot open shared object file/
const CUDA_FAILURE = /(?:CUDA failure|CUDA error) (\d+): ([^;\n]+)/
const NO_VULKAN_DRIVER = /vkCreateInstance: Found no drivers|VK_ERROR_INCOMPATIBLE_DRIVER/
const NO_ADAPTER = /Failed to get a WebGPU adapter/
const NO_BACKEND = /\[(\w+)\] backend not found/

/** https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html, cudaError */
const CUDA_PARTS: Readonly<Record<number, 'driver' | 'device' | 'memory'>> = {
  2: 'memory',
  3: 'driver',
  34: 'driver',
  35: 'driver',
  46: 'device',
  100: 'device',
  101: 'device',
  801: 'driver',
  802: 'driver',
  803: 'driver',
  804: 'driver',
  999: 'driver'
}

/**
 * Says what an execution provider lacks, from all that a process printed when it could not create a session. ONNX Runtime's
 * own error says less than its log: only there stands the library that it could not load.
 */
export function explainProvider(asked: AskedProvider, output: string): ProviderProblem {
  const library = CANNOT_LOAD.exec(output)?.[1]
  if (library !== undefined) return missingLibrary(asked, library)
  const [, code, told = ''] = CUDA_FAILURE.exec(output) ?? []
  const part = code === undefined ? undefined : CUDA_PARTS[Number(code)]
  if (part !== undefined) return missingCuda(asked, part, told.trim())
  if (NO_VULKAN_DRIVER.test(output)) return noVulkanDriver()
  if (NO_ADAPTER.test(output)) return noAdapter()
  if (NO_BACKEND.test(output)) {
    return {
      missing: { part: 'engine_part', name: asked.provider },
      message: `The installed onnxruntime-node has no ${asked.provider} for this system.`,
      hint: 'CUDA and TensorRT are there for Linux on x64 only. Use another execution provider on this worker.'
    }
  }
  return {
    missing: { part: 'unknown', name: null },
    message: `No session with ${asked.provider} could be created: ${quote(output)}`,
    hint: 'Create a session with the same execution provider by itself on this machine, to see all that it says.'
  }
}

function missingLibrary({ provider }: AskedProvider, name: string): ProviderProblem {
  if (name.startsWith('libonnxruntime')) {
    return {
      missing: { part: 'engine_part', name },
      message: `onnxruntime-node was installed without \`${name}\`, which ${provider} needs.`,
      hint: "Run the package's own install script, which downloads the parts for CUDA 12 (linux-x64 only): `ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js`."
    }
  }
  const product = productOf(name)
  return {
    missing: name === 'libcuda.so.1' ? { part: 'driver', name: null } : { part: 'library', name },
    message: `${provider} needs \`${name}\`${product === null ? '' : ` (${product})`}, which is not on this machine.`,
    hint: `Install ${product ?? 'it'} where the system's loader finds it (\`ldconfig -p\`); processes that run models do not get LD_LIBRARY_PATH.`
  }
}

const PRODUCTS: readonly (readonly [pattern: RegExp, product: string])[] = [
  [/^libcuda\.so/, 'the NVIDIA driver'],
  [/^libcudnn/, 'cuDNN 9 for CUDA 12'],
  [/^lib(?:nvinfer|nvonnxparser)/, 'TensorRT 10'],
  [/^lib(?:cublas|cublasLt|cudart|curand|cufft|cusparse|nvrtc|nvJitLink)\.so/, 'CUDA 12'],
  [/^libvulkan/, 'the Vulkan loader: libvulkan1 on Debian and Ubuntu, vulkan-loader on Fedora']
]

function productOf(library: string): string | null {
  return PRODUCTS.find(([pattern]) => pattern.test(library))?.[1] ?? null
}

function missingCuda(
  { provider, deviceId }: AskedProvider,
  part: 'driver' | 'device' | 'memory',
  told: string
): ProviderProblem {
  const missing = { part, name: null }
  switch (part) {
    case 'driver':
      return {
        missing,
        message: `The NVIDIA driver does not serve ${provider}: ${told}.`,
        hint: 'Install a driver that is new enough for CUDA 12; `nvidia-smi` shows the highest CUDA version of the one installed.'
      }
    case 'device':
      return {
        missing,
        message: `There is no device ${deviceId} for ${provider}: ${told}.`,
        hint: 'Set `device_id` to a device that `nvidia-smi -L` lists for the user that the worker runs as; in a container or sandbox, pass the device in.'
      }
    case 'memory':
      return {
        missing,
        message: `Device ${deviceId} has no memory left for ${provider}: ${told}.`,
        hint: 'End the other processes that `nvidia-smi` lists on it.'
      }
  }
}

function noVulkanDriver(): ProviderProblem {
  return {
    missing: { part: 'driver', name: null },
    message: 'webgpu finds the Vulkan loader and no driver for it.',
    hint: "Install the GPU's Vulkan driver, which puts a file into /usr/share/vulkan/icd.d or /etc/vulkan/icd.d; in a container or sandbox, pass that folder in."
  }
}

function noAdapter(): ProviderProblem {
  return {
    missing: { part: 'device', name: null },
    message: 'webgpu finds no GPU: Vulkan is there and lists no adapter that it can use.',
    hint: "Install the GPU's Vulkan driver (`vulkaninfo --summary` must list the GPU); in a container or sandbox, pass the device and /usr/share/vulkan in."
  }
}

/** The line that names the error, without build paths and colours. */
function quote(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.replaceAll(/\/onnxruntime_src\/\S+/g, '').trim())
    .filter((line) => line !== '')
  const named = lines.find((line) => /^(?:\w*Error\b|Uncaught)/.test(line)) ?? lines.at(-1) ?? 'nothing was said'
  const told = named.slice(0, QUOTED_MAX_CHARACTERS)
  return /[.!?…]$/.test(told) ? told : `${told}.`
}
