import { compileCairo } from '../cairo/compile-cairo.ts'
import { piltoverSource } from './piltover-class.ts'

// Run `node infra/contracts/piltover/compile.ts` when the source has changed; it takes half a minute.
await compileCairo(piltoverSource)
