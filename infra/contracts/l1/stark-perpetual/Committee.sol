// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FactRegistry} from "../gps/FactRegistry.sol";

/// Members who say that they have a batch's data. Anyone may bring their signatures; nothing is logged.
contract Committee is FactRegistry {
    /// r, s and v.
    uint256 private constant SIGNATURE_LENGTH = 65;

    uint256 public immutable signaturesRequired;
    mapping(address => bool) public isMember;

    constructor(address[] memory members, uint256 required) {
        require(required <= members.length, "TOO_MANY_REQUIRED_SIGNATURES");
        for (uint256 i = 0; i < members.length; i++) {
            require(members[i] != address(0) && !isMember[members[i]], "NON_UNIQUE_COMMITTEE_MEMBERS");
            isMember[members[i]] = true;
        }
        signaturesRequired = required;
    }

    function identify() external pure returns (string memory) {
        return "StarkWare_Committee_2022_2";
    }

    /// `availabilityProofs`: signatures of the claim itself, one behind the other, by ascending signer.
    function verifyAvailabilityProof(bytes32 claimHash, bytes calldata availabilityProofs) external {
        require(
            availabilityProofs.length >= signaturesRequired * SIGNATURE_LENGTH, "INVALID_AVAILABILITY_PROOF_LENGTH"
        );
        address last = address(0);
        for (uint256 i = 0; i < signaturesRequired; i++) {
            bytes calldata signature = availabilityProofs[i * SIGNATURE_LENGTH:(i + 1) * SIGNATURE_LENGTH];
            address signer =
                ecrecover(claimHash, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
            require(isMember[signer], "AVAILABILITY_PROVER_NOT_IN_COMMITTEE");
            require(signer > last, "NON_SORTED_SIGNATURES");
            last = signer;
        }
        _register(claimHash);
    }
}
