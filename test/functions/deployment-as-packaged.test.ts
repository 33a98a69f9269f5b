import { describeDeployedFunctions } from './deployed-functions.ts'
import { bundledLambdas } from './lambdas.ts'

describeDeployedFunctions('as they are packaged', bundledLambdas)
