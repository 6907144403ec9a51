export { models } from './models.ts'
export { rulesModel } from './rules/rules-model.ts'
