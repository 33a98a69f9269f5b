import { compileCairo } from '../../../../infra/contracts/cairo/compile-cairo.ts'
import { coreRulesSource } from './core-rules-class.ts'

// Run `node test/domain/margin/cairo/compile.ts` when the source has changed; it takes half a minute and more.
await compileCairo(coreRulesSource)
