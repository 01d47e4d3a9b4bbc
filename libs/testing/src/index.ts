export * from './block-folder.js';
export * from './decider-spec.js';
export * from './running-authority.js';
export * from './sample-members.js';
