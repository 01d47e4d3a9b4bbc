const { options } = require('./.dependency-cruiser.cjs');

/** No circle between the folders of the authority. A run of its own: specs, which start a whole authority, are left out of the picture. */
module.exports = {
  forbidden: [
    {
      name: 'no-circle-between-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: { ...options, exclude: { path: ['^dist/', '\\.spec\\.ts$', '^apps/authority/src/testing/', '^libs/'] } },
};
