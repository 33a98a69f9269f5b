import { describeDeployedFunctions } from './deployed-functions.ts'
import { moduleLambdas } from './lambdas.ts'

describeDeployedFunctions('as modules', moduleLambdas)
