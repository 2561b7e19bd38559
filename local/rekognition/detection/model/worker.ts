import { loadNetwork } from "./network.ts";
import { serve } from "./serve.ts";

serve(loadNetwork());
