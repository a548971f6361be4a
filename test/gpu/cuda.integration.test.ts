import { describeProvider } from './provider-suite.ts'

await describeProvider('cuda')
