export { type Endpoint, endpoint, type EndpointOptions } from './endpoint.ts'
export { modelAt, openAiCompatibleModel, type OpenAiCompatibleOptions } from './openai-compatible-model.ts'
