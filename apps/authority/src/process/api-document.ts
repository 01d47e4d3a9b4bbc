import { adminOperations, adminSchemas, laterSchemas } from '../admin/admin.operations.js';
import { importOperations, importSchemas } from '../admin/imports/imports.operations.js';
import { adminTokenOperations, adminTokenSchemas } from '../admin/admin-tokens/admin-tokens.operations.js';
import { healthOperations, healthSchemas } from '../health/health.operations.js';
import { openApiDocument } from '../openapi/document.js';
import { errorSchemas } from '../openapi/error-schemas.js';
import { getOpenApiDocument } from '../openapi/openapi.route.js';

/** The OpenAPI document of the admin listener: the Admin API, and what is beside it about the process itself. */
export function apiDocument(): object {
  return openApiDocument({
    operations: [
      ...adminOperations,
      ...adminTokenOperations,
      ...importOperations,
      ...healthOperations,
      getOpenApiDocument,
    ],
    schemas: {
      ...adminSchemas,
      ...errorSchemas,
      ...healthSchemas,
      ...laterSchemas,
      ...adminTokenSchemas,
      ...importSchemas,
    },
  });
}
