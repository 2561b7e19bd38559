import { serve } from "../../detection/model/serve.ts";
import { loadFaceNetwork } from "./network.ts";

serve(loadFaceNetwork());
