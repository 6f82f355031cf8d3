/** The generated messages of mesh.v1, loaded in the one right order. */
import './protobuf-numbers.js';
import { mesh } from '../../proto/gen/mesh-v1.js';

export import v1 = mesh.v1;
